//! The table of defects: one row each, with its name, what it does, and the rule it changes.
//!
//! It owns the table and nothing else.

use super::super::policy::{
    Act, AddressForm, AddressKept, Afterlife, DAY_MS, DAY_S, Deletion, HeaderEntry, Ids, MINUTE_MS, Renewal, Restart,
    Rules, SECOND_MS, SecondMessage, Sender, Since, Sweep, Term, Trace,
};

/// One line of the table.
pub(super) struct Row {
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) breaks: fn(&mut Rules),
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

            pub(super) fn row(self) -> Row {
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
        |r| r.cookie.is_set = false;
    CookieFiveMonths "cookie-5-months"
        "The cookie's term is 150 days."
        |r| r.cookie.term_s = 150 * DAY_S;
    CookieSevenMonths "cookie-7-months"
        "The cookie's term is 213 days."
        |r| r.cookie.term_s = 213 * DAY_S;
    CookieOneYear "cookie-365-days"
        "The cookie's term is 365 days."
        |r| r.cookie.term_s = 365 * DAY_S;
    SessionCookie "session-cookie"
        "The cookie is sent without a term, so that it ends with the browser."
        |r| r.cookie.sends_max_age = false;
    NeverRenewed "never-renewed"
        "A return does not renew the cookie."
        |r| r.cookie.renewed_by = &[];
    RenewalTooShort "renewal-too-short"
        "A return renews the cookie for 30 days only."
        |r| r.cookie.renewal = Renewal::Term(30 * DAY_S);
    RenewalKeepsFirstExpiry "renewal-keeps-first-expiry"
        "A return sends the cookie again with what remains of its first term."
        |r| r.cookie.renewal = Renewal::SameExpiry;
    RenewalsCapped "renewals-capped-24-months"
        "A renewal never reaches beyond 730 days after the session's creation."
        |r| r.cookie.renewal = Renewal::CappedAfterCreation(730 * DAY_MS);
    RenewedOnAnotherPath "renewed-on-another-path"
        "A renewal sets the cookie for the path of loads only."
        |r| r.cookie.renewed_on_same_path = false;
    RenewedEverywhere "renewed-everywhere"
        "Every request of the visitor renews the cookie."
        |r| r.cookie.renewed_by = &[Act::Return, Act::Reload, Act::Page, Act::Message, Act::Read];
    RenewedByMessage "renewed-by-message"
        "A visitor's message renews the cookie, as a return does."
        |r| r.cookie.renewed_by = &[Act::Return, Act::Message];
    RenewedByReading "renewed-by-reading"
        "Reading the messages renews the cookie, as a return does."
        |r| r.cookie.renewed_by = &[Act::Return, Act::Read];
    CookieRefusedEarly "cookie-refused-early"
        "A cookie is honoured only until 7 days before its declared end."
        |r| r.cookie.refused_before_end_ms = 7 * DAY_MS;
    CacheReplaysSetCookie "cache-replays-set-cookie"
        "Every 5th new load is answered with the cookie of the new load before it."
        |r| r.cookie.replayed_every = Some(5);
    CookieWithoutHttpOnly "cookie-without-httponly"
        "Scripts may read the cookie."
        |r| r.cookie.http_only = false;
    CookieWithoutSameSite "cookie-without-samesite"
        "The cookie does not say that it is for its own website's requests."
        |r| r.cookie.same_site = false;
    SecondCookie "second-cookie"
        "Every new load also sets a cookie that identifies the visitor for two years."
        |r| r.cookie.with_uid = true;

    // By what a visitor is known again, and of what ids are made.
    EtagIdentifies "etag-identifies"
        "The tag of a list of messages finds its session where no cookie is sent."
        |r| r.identity.found_by_etag = true;
    FoundByAddress "found-by-address"
        "A load without a cookie gets the living session of the same address and browser."
        |r| r.identity.found_by_address = true;
    BoundToAddress "bound-to-address"
        "A cookie is honoured only from the address that its session was made from."
        |r| r.identity.bound_to_address = true;
    AdoptsUnknownIdentity "adopts-unknown-identity"
        "A load with a cookie that was never issued makes a session under that very value."
        |r| r.identity.adopts_unknown = true;
    RaceMakesTwoSessions "race-makes-two-sessions"
        "A load that arrives while another with the same cookie is under way makes a new session."
        |r| r.identity.lost_in_race = true;
    CounterIds "counter-ids"
        "Session ids and cookies are numbered."
        |r| r.identity.ids = Ids::Counters;
    HashedAddressIds "hashed-address-ids"
        "A session's id is a digest of the visitor's address, with a number."
        |r| r.identity.ids = Ids::HashedAddress;
    AddressInCookie "address-in-cookie"
        "The cookie holds the visitor's address in base64."
        |r| r.identity.ids = Ids::AddressInCookie;
    TimePrefixedIds "time-prefixed-ids"
        "Session ids and cookies begin with the time of their making."
        |r| r.identity.ids = Ids::TimePrefixed;

    // The session's messages, and to whom they are shown.
    MessageDoubled "message-doubled"
        "A session's second message of the visitor is stored twice."
        |r| r.messages.second = SecondMessage::Twice;
    MessageLost "message-lost"
        "A session's second message of the visitor is acknowledged and never stored."
        |r| r.messages.second = SecondMessage::Never;
    ThirtiethMessageLost "thirtieth-message-lost"
        "A session's 30th message is acknowledged and never stored."
        |r| r.messages.lost_number = Some(30);
    RetryDoublesMessage "retry-doubles-message"
        "A message that is sent again with the same id is stored again."
        |r| r.messages.knows_repetitions = false;
    MessagesOutOfOrder "messages-out-of-order"
        "Messages are listed newest first."
        |r| r.messages.newest_first = true;
    HistoryCut "history-cut-after-7-days"
        "The visitor is shown no message older than 7 days; agents see them all."
        |r| r.messages.history_ms = Some(7 * DAY_MS);
    HistoryPageLimit "history-page-limit"
        "The visitor is shown the newest 20 messages; agents see them all."
        |r| r.messages.history_max = Some(20);
    ForgetsOnReturn "forgets-on-return"
        "A load after a pause of a day or more gets a new session although the old one lives."
        |r| r.identity.forgotten_after_ms = Some(DAY_MS);
    MixedWebsites "mixed-websites"
        "A cookie is known on every website."
        |r| r.identity.is_the_websites = false;
    SharedSession "shared-session"
        "Every 50th new load is handed the website's most recently created session."
        |r| r.identity.shared_every = Some(50);
    LeaksMessages "leaks-messages"
        "Every 20th list of messages also holds the latest message of another session."
        |r| r.messages.leaks_every = Some(20);

    // The end of a temporary session.
    Idle25Minutes "idle-25-minutes"
        "Temporary sessions end 25 minutes after their last access."
        |r| r.session.temporary = after_access(25 * MINUTE_MS);
    Idle29Minutes "idle-29-minutes"
        "Temporary sessions end 29 minutes after their last access."
        |r| r.session.temporary = after_access(29 * MINUTE_MS);
    Idle35Minutes "idle-35-minutes"
        "Temporary sessions end 35 minutes after their last access."
        |r| r.session.temporary = after_access(35 * MINUTE_MS);
    NeverDestroyed "never-destroyed"
        "Temporary sessions live for ever."
        |r| r.session.temporary = None;
    HiddenNotDestroyed "hidden-not-destroyed"
        "Sessions that are over are refused, and their rows are never removed."
        |r| r.session.sweep = Sweep::Leaves;
    LazyOnly "lazy-only"
        "A session that is over is removed only when its visitor comes again."
        |r| (r.session.sweep, r.session.removed_on_return) = (Sweep::Leaves, true);
    LateSweep "late-sweep"
        "Sessions that are over are refused in time, and removed 5 minutes too late."
        |r| r.session.sweep = Sweep::RemovesAfter(5 * MINUTE_MS);
    SweepStopsAtError "sweep-stops-at-error"
        "The sweeper goes in order of creation, and stops at the first ended session with an IPv6 address."
        |r| r.session.sweep = Sweep::StopsAtV6;
    DeadlineInLocalTime "deadline-in-local-time"
        "Ends are computed in the local time of Central Europe, without regard to its changes."
        |r| r.session.in_local_time = true;
    IdleFromCreation "idle-from-creation"
        "The 30 minutes of a temporary session are counted from its creation."
        |r| r.session.temporary = r.session.temporary.map(|term| Term { since: Since::Creation, ..term });
    PageViewIsNoAccess "page-view-is-no-access"
        "A page view does not restart the 30 minutes."
        |r| r.session.accesses = &[Act::Return, Act::Reload, Act::Message];
    AgentLookRestarts "agent-look-restarts"
        "An agent's look at a temporary session restarts its 30 minutes."
        |r| r.session.accesses = &[Act::Return, Act::Reload, Act::Page, Act::Message, Act::AgentLook];
    ReadingRestarts "reading-restarts"
        "Reading the messages restarts the 30 minutes."
        |r| r.session.accesses = &[Act::Return, Act::Reload, Act::Page, Act::Message, Act::Read];
    ResurrectedOnReturn "resurrected-on-return"
        "A load a day or more after a temporary session's end brings it back."
        |r| r.session.afterlife = Afterlife::BackOnLoad(DAY_MS);
    LateMessageLost "late-message-lost"
        "A message sent after a temporary session's end is acknowledged and dropped."
        |r| r.session.afterlife = Afterlife::LosesMessages;
    LateMessageInOldSession "late-message-in-old-session"
        "A message sent within an hour after a temporary session's end brings it back."
        |r| r.session.afterlife = Afterlife::BackOnMessage(60 * MINUTE_MS);

    // The restart.
    TimersLostOnRestart "timers-lost-on-restart"
        "Temporary sessions made before a restart never end."
        |r| r.session.restart = Restart::LosesTimers;
    RestartResetsIdle "restart-resets-idle"
        "A restart begins the 30 minutes of all temporary sessions anew."
        |r| r.session.restart = Restart::ResetsIdle;
    RestartLosesTemporary "restart-loses-temporary"
        "A restart removes all temporary sessions."
        |r| r.session.restart = Restart::LosesTemporary;
    RestartLosesLastMessage "restart-loses-last-message"
        "A restart removes the newest message of each session."
        |r| r.session.restart = Restart::LosesLastMessage;

    // The permanence of a session with messages, and its deletion.
    PermanentSixMonths "permanent-6-months"
        "Sessions with messages are destroyed 200 days after their last access."
        |r| r.session.permanent = after_access(200 * DAY_MS);
    PermanentOneYear "permanent-1-year"
        "Sessions with messages are destroyed 370 days after their creation."
        |r| r.session.permanent = after_creation(370 * DAY_MS);
    MessagesDoNotMakePermanent "messages-do-not-make-permanent"
        "A session with messages ends like a temporary one."
        |r| r.session.permanent_by = &[];
    AgentMessageIsTemporary "agent-message-is-temporary"
        "An agent's message does not make a session permanent."
        |r| r.session.permanent_by = &[Sender::Visitor];
    GreetingMakesPermanent "greeting-makes-permanent"
        "An automated greeting makes a session permanent."
        |r| r.session.permanent_by = &[Sender::Visitor, Sender::Agent, Sender::Greeting];
    SweepRacesMessage "sweep-races-message"
        "A message in the last 10 seconds of a temporary session is stored and does not save it."
        |r| r.session.message_race_ms = 10 * SECOND_MS;
    DeleteHides "delete-hides"
        "An agent's deletion hides the session, and its rows stay."
        |r| r.session.deletion = Deletion::Hides;
    DeletePurgesLate "delete-purges-late"
        "An agent's deletion hides the session at once, and removes its rows 10 minutes later."
        |r| r.session.deletion = Deletion::PurgedAfter(10 * MINUTE_MS);
    DeleteShownForFiveMinutes "delete-shown-for-5-minutes"
        "The visitor goes on seeing a session for 5 minutes after an agent deleted it."
        |r| r.session.deletion = Deletion::ShownFor(5 * MINUTE_MS);
    DeleteUndoneOnReturn "delete-undone-on-return"
        "A load a day or more after an agent's deletion brings the session back."
        |r| r.session.deletion = Deletion::UndoneAfter(DAY_MS);
    DeleteLeavesMessages "delete-leaves-messages"
        "An agent's deletion removes the session's row and leaves its messages."
        |r| r.session.deletion = Deletion::LeavesMessages;
    LateSendRecreates "late-send-recreates"
        "A message sent after an agent's deletion brings the session back, with its messages."
        |r| r.session.deletion = Deletion::UndoneByMessage;
    QueuedWriteRecreates "queued-write-recreates"
        "A session that is deleted within a minute after its visitor's message is written again by the next sweep."
        |r| r.session.deletion = Deletion::RewrittenFromQueue(MINUTE_MS);
    StaleCacheAfterDeletion "stale-cache-after-deletion"
        "A visitor who has read the messages can go on reading them for a day after an agent's deletion."
        |r| r.session.deletion = Deletion::CachedFor(DAY_MS);

    // The visitor's address.
    IpTruncated "ip-truncated"
        "The address is stored without its last octet, an IPv6 address as its /64."
        |r| r.address.form = AddressForm::Truncated;
    IpOfProxy "ip-of-proxy"
        "The address of the proxy is stored instead of the visitor's."
        |r| r.address.entry = HeaderEntry::NoEntry;
    ForgedAddressBelieved "forged-address-believed"
        "The address that a visitor claims to come from is stored instead of the one the proxy saw."
        |r| r.address.entry = HeaderEntry::Leftmost;
    Ipv6Dropped "ipv6-dropped"
        "IPv6 addresses are stored as nothing."
        |r| r.address.form = AddressForm::OnlyV4;
    IpInSideTable "ip-in-side-table"
        "Every load writes the address to a table that is never purged."
        |r| r.address.trace = Trace::Visits;
    IpOutlivesSession "ip-outlives-session"
        "The sweep keeps the id and address of sessions that are over in an archive."
        |r| r.address.archives = true;
    AddressInLog "address-in-log"
        "Every load writes the address to an access log that is never purged."
        |r| r.address.trace = Trace::AccessLog;
    OldAddressSurvives "old-address-survives"
        "The address that a visitor had before is written to a table that is never purged."
        |r| r.address.trace = Trace::OldAddresses;
    PageHistorySurvives "page-history-survives"
        "The pages that visitors see are written to a table that is never purged."
        |r| r.address.trace = Trace::Pages;
    IpPurgedAfterElevenMonths "ip-purged-after-11-months"
        "The address of a session with messages is blanked 330 days after its last access."
        |r| r.address.kept = AddressKept::AfterAccess(330 * DAY_MS);
    IpPurgedAfterFiveYears "ip-purged-after-5-years"
        "The address of a session with messages is blanked 1826 days after its last access."
        |r| r.address.kept = AddressKept::AfterAccess(1826 * DAY_MS);
    AddressesPurgedYearly "addresses-purged-yearly"
        "The addresses of sessions with messages are blanked when the UTC year turns."
        |r| r.address.kept = AddressKept::UntilNewYear;
}
