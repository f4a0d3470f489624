"""Errors that a person causes and can mend."""


class UserError(ValueError):
    """Bad input. The message is one sentence for the person: the value, what is allowed, what to do."""


class Unsuited(UserError):
    """Bad input of two things that do not go together: asked again, it is refused again."""
