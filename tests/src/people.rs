//! The people of the tests and of the demo.

/// Somebody with an account.
#[derive(Clone, Copy)]
pub struct Person {
    /// The name to sign in with.
    pub user_name: &'static str,
    /// Given name.
    pub first_name: &'static str,
    /// Family name.
    pub last_name: &'static str,
    /// E-mail address.
    pub email: &'static str,
    /// The password.
    pub password: &'static str,
    /// What the person is in the programme.
    pub role: &'static str,
}

/// A student, who writes most.
pub const ANA: Person = Person {
    user_name: "ana",
    first_name: "Ana",
    last_name: "Cruz",
    email: "ana@example.org",
    password: "mango-tree-42",
    role: "student",
};

/// Ana's coordinator, who answers.
pub const BEN: Person = Person {
    user_name: "ben",
    first_name: "Ben",
    last_name: "Reyes",
    email: "ben@example.org",
    password: "paper-boat-17",
    role: "coordinator",
};

/// A student whom their conversation does not concern.
pub const EVE: Person = Person {
    user_name: "eve",
    first_name: "Eve",
    last_name: "Santos",
    email: "eve@example.org",
    password: "night-train-88",
    role: "student",
};
