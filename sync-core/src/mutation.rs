//! Deliberate bugs, to show that the simulator finds bugs.
//!
//! Each is a small change at a place that matters, made by `if mutation::on(…)`. Without the feature `mutations` the
//! answer is a constant `false`, and nothing of them is left in the program. With it, one at a time is switched on by
//! [`choose`].

/// Makes the list of mutations with their words.
macro_rules! mutations {
    ($($(#[$doc:meta])* $name:ident: $word:literal,)*) => {
        /// A deliberate bug.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Mutation {
            $($(#[$doc])* $name,)*
        }

        #[cfg(feature = "mutations")]
        impl Mutation {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// How it is called on the command line.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

mutations! {
    /// The cursor is stored, and of a page only the first change.
    CursorWithoutChanges: "cursor-without-changes",
    /// The row is not marked as in flight before the try.
    AttemptNotStored: "attempt-not-stored",
    /// Every try has a key of its own.
    KeyOfTheTry: "key-of-the-try",
    /// A 5xx is taken for a success.
    RemovedOnFailure: "removed-on-failure",
    /// A refused send does not hold back the later ones of its conversation.
    RefusedHoldsNothing: "refused-holds-nothing",
    /// Two operations are under way in one conversation.
    TwoInFlight: "two-in-flight",
    /// What was read becomes unread where something older says so.
    ReadGoesBack: "read-goes-back",
    /// An edit does not wait for the send of its message.
    EditOvertakes: "edit-overtakes",
    /// A late page brings a deleted message back.
    TombstoneOverwritten: "tombstone-overwritten",
    /// A page of history counts although a snapshot came in between.
    GenerationIgnored: "generation-ignored",
    /// The outbox is thrown away with the cursor.
    OutboxDropped: "outbox-dropped",
    /// One list without a message is enough to call it deleted.
    AbsentOnce: "absent-once",
    /// What vanishes with many others counts as deleted.
    VanishedDeleted: "vanished-deleted",
    /// A send that was found on a plain server is not marked as found.
    ClaimUnmarked: "claim-unmarked",
    /// An unclear send is repeated on a plain server without a look.
    LookSkipped: "look-skipped",
    /// `Retry-After` is not obeyed.
    RetryAfterIgnored: "retry-after-ignored",
    /// An answer is taken for that to another request.
    AnswerOfAnother: "answer-of-another",
    /// An older page of history undoes an edit.
    StalePageWins: "stale-page-wins",
    /// What was in flight when the app ended stays so.
    RecoverForgotten: "recover-forgotten",
    /// What the server lost is removed.
    LostRemoved: "lost-removed",
    /// Without an event nobody looks for news.
    NoPolls: "no-polls",
    /// What was in flight when the store failed stays so.
    StrandedForgotten: "stranded-forgotten",
    /// A send that the server may have can be cancelled.
    UncertainCancelled: "uncertain-cancelled",
    /// What is read is not told to the server.
    ReadNotTold: "read-not-told",
    /// Back-fill is called done when it begins.
    HistorySkipped: "history-skipped",
    /// What a complete history does not name any more is kept.
    UntoldKept: "untold-kept",
}

#[cfg(feature = "mutations")]
thread_local! {
    static HERE: std::cell::Cell<Option<Mutation>> = const { std::cell::Cell::new(None) };
}

/// Switches one on for this thread, or all off.
#[cfg(feature = "mutations")]
pub fn choose(mutation: Option<Mutation>) {
    HERE.set(mutation);
}

/// Whether this one is switched on.
#[cfg(feature = "mutations")]
pub(crate) fn on(mutation: Mutation) -> bool {
    HERE.get() == Some(mutation)
}

/// Whether this one is switched on: never, without the feature `mutations`.
#[cfg(not(feature = "mutations"))]
pub(crate) const fn on(_mutation: Mutation) -> bool {
    false
}
