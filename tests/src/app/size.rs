//! The sizes of window that people have.

/// What the app is shown on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// A desktop's window: the list and the conversation side by side.
    Desktop,
    /// A phone's screen: one of them at a time.
    Phone,
}

impl Size {
    /// Width and height in CSS pixels.
    #[must_use]
    pub const fn pixels(self) -> (u32, u32) {
        match self {
            Self::Desktop => (1280, 800),
            Self::Phone => (390, 844),
        }
    }

    /// What pictures are named by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Phone => "phone",
        }
    }
}
