//! `session.access-restarts-idle`

use super::{Clause, Concern, Judgement};
use crate::instant::Length;
use crate::oracle::{Alive, Case, Life, Rules, Seen};

/// §3.3c: each website access restarts the term; the time since the session began means nothing (`session.access`).
pub struct AccessRestartsIdle;

impl Clause for AccessRestartsIdle {
    fn id(&self) -> &'static str {
        "session.access-restarts-idle"
    }

    fn checks(&self) -> &'static str {
        "A temporary session that would be over but for a later access is there until the idle term has passed \
         since the last one, however old it is."
    }

    fn evidence(&self) -> &'static str {
        "What the visitor, an agent or the store sees before that deadline. The span is the session's age."
    }

    fn shortest_run(&self, rules: &Rules) -> Length {
        rules.terms.idle.times(2.0)
    }

    /// Where no session ever ends, nothing shows that an access restarts its term.
    fn control(&self) -> Option<&'static str> {
        Some("session.destroyed-after-idle")
    }

    fn concerns(&self) -> Concern {
        Concern::ALL.when(&[Some(Life::Alive(Alive::AfterAccess))])
    }

    fn judge(&self, case: &Case) -> Option<Judgement> {
        let sight = case.sight.filter(|sight| sight.life == Life::Alive(Alive::AfterAccess))?;
        let age = case.exchange.at.least_since(&sight.session.created);
        Some(match sight.seen {
            Seen::Present => Judgement::Pass { span: age },
            Seen::Absent => Judgement::fail(
                format!("the session, until {} after the last of several accesses", case.rules.terms.idle),
                format!(
                    "none {} after that access and {age} after it began, by the {}'s view",
                    sight.idle_least,
                    sight.view.name()
                ),
            ),
        })
    }
}
