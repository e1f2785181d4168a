//! What a path names, and what may be done with it.
//!
//! It owns the paths. It never looks at what else a request carries.

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route<'a> {
    /// `/v1/{website}/load`
    Load(&'a str),
    /// `/v1/{website}/page`
    Page(&'a str),
    /// `/v1/{website}/messages`
    Messages(&'a str),
    /// `/agent/sessions/{id}`
    Session(&'a str),
    /// `/agent/sessions/{id}/messages`
    AgentMessages(&'a str),
    /// `/agent/sessions/{id}/greeting`
    Greeting(&'a str),
    /// `/healthz`
    Health,
    /// `/test/clock`
    Clock,
    /// `/test/clock/advance`
    Advance,
    /// `/test/clock/resume`
    Resume,
}

impl<'a> Route<'a> {
    /// What a path names, if anything. The clock's are those of a server whose clock can be moved.
    pub(super) fn of(path: &'a str, with_test_clock: bool) -> Option<Self> {
        let mut segments = path.strip_prefix('/')?.split('/');
        let first = segments.next()?;
        let rest = [segments.next(), segments.next(), segments.next()];
        if segments.next().is_some() {
            return None;
        }
        match (first, rest) {
            ("v1", [Some(website), Some(what), None]) if !website.is_empty() => match what {
                "load" => Some(Self::Load(website)),
                "page" => Some(Self::Page(website)),
                "messages" => Some(Self::Messages(website)),
                _ => None,
            },
            ("agent", [Some("sessions"), Some(id), what]) if !id.is_empty() => match what {
                None => Some(Self::Session(id)),
                Some("messages") => Some(Self::AgentMessages(id)),
                Some("greeting") => Some(Self::Greeting(id)),
                Some(_) => None,
            },
            ("healthz", [None, ..]) => Some(Self::Health),
            ("test", [Some("clock"), what, None]) if with_test_clock => match what {
                None => Some(Self::Clock),
                Some("advance") => Some(Self::Advance),
                Some("resume") => Some(Self::Resume),
                Some(_) => None,
            },
            _ => None,
        }
    }

    /// The methods that it knows, as an `Allow` header tells them.
    pub(super) const fn methods(self) -> &'static str {
        match self {
            Self::Load(_)
            | Self::Page(_)
            | Self::AgentMessages(_)
            | Self::Greeting(_)
            | Self::Advance
            | Self::Resume => "POST",
            Self::Messages(_) => "GET,HEAD,POST",
            Self::Session(_) => "GET,HEAD,DELETE",
            Self::Health | Self::Clock => "GET,HEAD",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Route;

    #[test]
    fn paths_name_what_the_interface_says_and_nothing_else() {
        for (path, route) in [
            ("/v1/site-a/load", Some(Route::Load("site-a"))),
            ("/v1/site-a/messages", Some(Route::Messages("site-a"))),
            ("/agent/sessions/ab", Some(Route::Session("ab"))),
            ("/agent/sessions/ab/greeting", Some(Route::Greeting("ab"))),
            ("/healthz", Some(Route::Health)),
            ("/test/clock", Some(Route::Clock)),
            ("/test/clock/resume", Some(Route::Resume)),
            ("", None),
            ("/", None),
            ("/healthz/", None),
            ("/healthz/x", None),
            ("/v1/site-a", None),
            ("/v1//load", None),
            ("/v1/site-a/load/", None),
            ("/v1/site-a/load/x/y", None),
            ("/agent/sessions/", None),
            ("/agent/sessions/ab/messages/x", None),
            ("/test/clock/advance/x", None),
        ] {
            assert_eq!(Route::of(path, true), route, "{path}");
        }
        assert_eq!(Route::of("/test/clock/advance", false), None);
    }
}
