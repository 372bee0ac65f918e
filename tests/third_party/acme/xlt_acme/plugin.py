from xlt_core.hooks import Card, hookimpl

XLT_API = 1


@hookimpl
def xlt_losses():
    yield Card("acme.calm", "Keeps states small.", "xlt_acme.calm:Calm", work="xlt_acme.calm:calm")
