package enum InboxPlaceholder {}
