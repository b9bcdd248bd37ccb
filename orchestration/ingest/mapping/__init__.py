"""From rows of text to rows of the contract: where each column comes from, its type, and what is wrong with it."""
