from accounts.views.sign_in import SignIn

__all__ = ["SignIn"]
