//! Owns the reasons for which a cookie is not kept.
//!
//! Never says whether that is the server's fault: a browser that ignores a cookie is doing its work.

use std::fmt;

/// Why a `Set-Cookie` value had no effect on the jar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rejection {
    /// A control character other than the tab.
    ControlCharacter,
    /// Name and value together exceed the limit.
    TooLarge,
    /// Neither a name nor a value.
    Empty,
    /// The address that answered is not `http`, `https`, `ws` or `wss`, or names no host.
    NotWeb,
    /// The `Domain` attribute has a character outside of ASCII.
    DomainNotAscii,
    /// The `Domain` attribute is a single label, such as `org`.
    PublicSuffix,
    /// The `Domain` attribute is not the host that answered nor a parent of it.
    DomainMismatch,
    /// `Secure` from a connection that is not.
    SecureOverPlain,
    /// From a connection that is not secure, against a `Secure` cookie of that name.
    OverwritesSecure,
    /// `SameSite=None` without `Secure`.
    SameSiteNoneNotSecure,
    /// The name begins with `__Secure-`, and there is no `Secure`.
    SecurePrefix,
    /// The name begins with `__Host-`, and it is not `Secure`, host-only and with `Path=/`.
    HostPrefix,
    /// A cookie without a name whose value begins like one of the two prefixes.
    NamelessPrefix,
    /// The jar is full of cookies that take precedence.
    NoRoom,
}

impl Rejection {
    fn reason(self) -> &'static str {
        match self {
            Self::ControlCharacter => "contains a control character",
            Self::TooLarge => "name and value exceed 4096 bytes",
            Self::Empty => "has neither name nor value",
            Self::NotWeb => "comes from an address that is not of the web",
            Self::DomainNotAscii => "its Domain is not ASCII",
            Self::PublicSuffix => "its Domain is a public suffix",
            Self::DomainMismatch => "its Domain does not match the host that answered",
            Self::SecureOverPlain => "is Secure but came over a connection that is not",
            Self::OverwritesSecure => "would hide a Secure cookie, and came over a connection that is not secure",
            Self::SameSiteNoneNotSecure => "has SameSite=None without Secure",
            Self::SecurePrefix => "is named __Secure- without Secure",
            Self::HostPrefix => "is named __Host- without Secure, without Path=/, or with a Domain",
            Self::NamelessPrefix => "has no name and a value that imitates a prefixed name",
            Self::NoRoom => "the jar is full",
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.reason())
    }
}

impl std::error::Error for Rejection {}
