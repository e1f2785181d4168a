//! The named defects: one row each, with its name, what it does, and the rule it changes.
//!
//! It owns the table. It never acts by itself: the rules it changes are asked elsewhere.

use std::fmt;
use std::str::FromStr;

use super::policy::{
    Act, AddressForm, DAY_MS, DAY_S, Deletion, MINUTE_MS, Renewal, Rules, SecondMessage, Since, Sweep, Term,
};

/// One line of the table.
struct Row {
    id: &'static str,
    summary: &'static str,
    breaks: fn(&mut Rules),
}

macro_rules! defects {
    ($($variant:ident $id:literal $summary:literal $breaks:expr;)*) => {
        /// A way in which the reference server can be broken on purpose. Each breaks one thing.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Defect {
            $(#[doc = $summary] $variant,)*
        }

        impl Defect {
            /// Every defect, in the order of the policy's subjects.
            pub const ALL: &[Defect] = &[$(Defect::$variant),*];

            fn row(self) -> Row {
                match self {
                    $(Defect::$variant => Row { id: $id, summary: $summary, breaks: $breaks },)*
                }
            }
        }
    };
}

/// A term counted from the last website access.
const fn after_access(ms: i64) -> Option<Term> {
    Some(Term { since: Since::LastAccess, ms })
}

/// A term counted from the session's creation.
const fn after_creation(ms: i64) -> Option<Term> {
    Some(Term { since: Since::Creation, ms })
}

defects! {
    // The cookie's term and its renewal.
    NoCookie "no-cookie"
        "A load makes a session and never sets a cookie for it."
        |r| r.sets_cookies = false;
    CookieFiveMonths "cookie-5-months"
        "The cookie's term is 150 days."
        |r| r.cookie_term_s = 150 * DAY_S;
    CookieSevenMonths "cookie-7-months"
        "The cookie's term is 213 days."
        |r| r.cookie_term_s = 213 * DAY_S;
    CookieOneYear "cookie-365-days"
        "The cookie's term is 365 days."
        |r| r.cookie_term_s = 365 * DAY_S;
    SessionCookie "session-cookie"
        "The cookie is sent without a term, so that it ends with the browser."
        |r| r.sends_max_age = false;
    NeverRenewed "never-renewed"
        "A return does not renew the cookie."
        |r| r.renewed_by = &[];
    RenewalTooShort "renewal-too-short"
        "A return renews the cookie for 30 days only."
        |r| r.renewal = Renewal::Term(30 * DAY_S);
    RenewalKeepsFirstExpiry "renewal-keeps-first-expiry"
        "A return sends the cookie again with what remains of its first term."
        |r| r.renewal = Renewal::SameExpiry;
    RenewedEverywhere "renewed-everywhere"
        "Every request of the visitor renews the cookie."
        |r| r.renewed_by = &[Act::Return, Act::Reload, Act::Page, Act::Message, Act::Read];
    RenewedByMessage "renewed-by-message"
        "A visitor's message renews the cookie, as a return does."
        |r| r.renewed_by = &[Act::Return, Act::Message];
    RenewedByReading "renewed-by-reading"
        "Reading the messages renews the cookie, as a return does."
        |r| r.renewed_by = &[Act::Return, Act::Read];

    // The session's messages, and to whom they are shown.
    MessageDoubled "message-doubled"
        "A session's second message of the visitor is stored twice."
        |r| r.second_message = SecondMessage::Twice;
    MessageLost "message-lost"
        "A session's second message of the visitor is acknowledged and never stored."
        |r| r.second_message = SecondMessage::Never;
    MessagesOutOfOrder "messages-out-of-order"
        "Messages are listed newest first."
        |r| r.newest_first = true;
    HistoryCut "history-cut-after-7-days"
        "The visitor is shown no message older than 7 days; agents see them all."
        |r| r.history_ms = Some(7 * DAY_MS);
    ForgetsOnReturn "forgets-on-return"
        "A load after a pause of a day or more gets a new session although the old one lives."
        |r| r.forgets_after_ms = Some(DAY_MS);
    MixedWebsites "mixed-websites"
        "A cookie is known on every website."
        |r| r.cookie_is_the_websites = false;
    SharedSession "shared-session"
        "Every 50th new load is handed the website's most recently created session."
        |r| r.shares_every = Some(50);
    LeaksMessages "leaks-messages"
        "Every 20th list of messages also holds the latest message of another session."
        |r| r.leaks_every = Some(20);

    // The end of a temporary session.
    Idle25Minutes "idle-25-minutes"
        "Temporary sessions end 25 minutes after their last access."
        |r| r.temporary = after_access(25 * MINUTE_MS);
    Idle29Minutes "idle-29-minutes"
        "Temporary sessions end 29 minutes after their last access."
        |r| r.temporary = after_access(29 * MINUTE_MS);
    Idle35Minutes "idle-35-minutes"
        "Temporary sessions end 35 minutes after their last access."
        |r| r.temporary = after_access(35 * MINUTE_MS);
    NeverDestroyed "never-destroyed"
        "Temporary sessions live for ever."
        |r| r.temporary = None;
    HiddenNotDestroyed "hidden-not-destroyed"
        "Sessions that are over are refused, and their rows are never removed."
        |r| r.sweep = Sweep::Leaves;
    LazyOnly "lazy-only"
        "A session that is over is removed only when its visitor comes again."
        |r| (r.sweep, r.removed_on_return) = (Sweep::Leaves, true);
    LateSweep "late-sweep"
        "Sessions that are over are refused in time, and removed 5 minutes too late."
        |r| r.sweep = Sweep::RemovesAfter(5 * MINUTE_MS);
    IdleFromCreation "idle-from-creation"
        "The 30 minutes of a temporary session are counted from its creation."
        |r| r.temporary = r.temporary.map(|term| Term { since: Since::Creation, ..term });
    PageViewIsNoAccess "page-view-is-no-access"
        "A page view does not restart the 30 minutes."
        |r| r.accesses = &[Act::Return, Act::Reload, Act::Message];
    AgentLookRestarts "agent-look-restarts"
        "An agent's look at a temporary session restarts its 30 minutes."
        |r| r.accesses = &[Act::Return, Act::Reload, Act::Page, Act::Message, Act::AgentLook];

    // The permanence of a session with messages, and its deletion.
    PermanentSixMonths "permanent-6-months"
        "Sessions with messages are destroyed 200 days after their last access."
        |r| r.permanent = after_access(200 * DAY_MS);
    PermanentOneYear "permanent-1-year"
        "Sessions with messages are destroyed 370 days after their creation."
        |r| r.permanent = after_creation(370 * DAY_MS);
    MessagesDoNotMakePermanent "messages-do-not-make-permanent"
        "A session with messages ends like a temporary one."
        |r| r.message_makes_permanent = false;
    DeleteHides "delete-hides"
        "An agent's deletion hides the session, and its rows stay."
        |r| r.deletion = Deletion::Hides;
    DeletePurgesLate "delete-purges-late"
        "An agent's deletion hides the session at once, and removes its rows 10 minutes later."
        |r| r.deletion = Deletion::PurgedAfter(10 * MINUTE_MS);
    DeleteShownForFiveMinutes "delete-shown-for-5-minutes"
        "The visitor goes on seeing a session for 5 minutes after an agent deleted it."
        |r| r.deletion = Deletion::ShownFor(5 * MINUTE_MS);
    DeleteUndoneOnReturn "delete-undone-on-return"
        "A load a day or more after an agent's deletion brings the session back."
        |r| r.deletion = Deletion::UndoneAfter(DAY_MS);

    // The visitor's address.
    IpTruncated "ip-truncated"
        "The address is stored without its last octet, an IPv6 address as its /64."
        |r| r.address_form = AddressForm::Truncated;
    IpOfProxy "ip-of-proxy"
        "The address of the proxy is stored instead of the visitor's."
        |r| r.believes_header = false;
    Ipv6Dropped "ipv6-dropped"
        "IPv6 addresses are stored as nothing."
        |r| r.address_form = AddressForm::OnlyV4;
    IpInSideTable "ip-in-side-table"
        "Every load writes the address to a table that is never purged."
        |r| r.logs_visits = true;
    IpOutlivesSession "ip-outlives-session"
        "The sweep keeps the id and address of sessions that are over in an archive."
        |r| r.archives = true;
    IpPurgedAfterElevenMonths "ip-purged-after-11-months"
        "The address of a session with messages is blanked 330 days after its last access."
        |r| r.address_kept_ms = Some(330 * DAY_MS);
    IpPurgedAfterFiveYears "ip-purged-after-5-years"
        "The address of a session with messages is blanked 1826 days after its last access."
        |r| r.address_kept_ms = Some(1826 * DAY_MS);
}

impl Defect {
    /// The name by which it is asked for.
    pub fn id(self) -> &'static str {
        self.row().id
    }

    /// What it does, in one sentence.
    pub fn summary(self) -> &'static str {
        self.row().summary
    }

    /// Changes the rule that it breaks.
    pub(super) fn apply(self, rules: &mut Rules) {
        (self.row().breaks)(rules);
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(name: &str) -> Result<Self, UnknownDefect> {
        let found = Self::ALL.iter().copied().find(|defect| defect.id() == name);
        found.ok_or_else(|| UnknownDefect { name: name.to_owned() })
    }
}

/// A name that is no defect's. Its text lists the names that are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownDefect {
    name: String,
}

impl fmt::Display for UnknownDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no defect is called {:?}; choose one of ", self.name)?;
        for (n, defect) in Defect::ALL.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{defect}")?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownDefect {}
