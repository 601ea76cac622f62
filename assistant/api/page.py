"""The Streamlit page as an ASGI app, with every option that matters for safety fixed here."""

import re
import secrets
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import config
from streamlit.web.bootstrap import load_config_options

from assistant.api.gate import CONTEXT_HEADER, SESSION_HEADER
from assistant.logs import log

_OPTIONS: dict[str, Any] = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "viewer",
    "client.allowedOrigins": [],
    "global.developmentMode": False,
    "logger.enableRich": False,
    "logger.level": "critical",  # its messages can quote the chart; see on_script_error
    "runner.magicEnabled": False,
    "server.enableAgentApi": False,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": False,  # its cookie fails in an EHR's frame; the gate checks
    "server.enableCORS": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.runOnSave": False,
    "server.trustedUserHeaders": {
        CONTEXT_HEADER.decode(): "ctx",
        SESSION_HEADER.decode(): "session",
    },
}
_COOKIE_SECRET_BYTES = 32


def streamlit_page(script: Path, *, base_url: str) -> Any:
    """The page, which reaches the service at ``base_url``."""
    config._main_script_path = str(script)  # noqa: SLF001  finds the theme beside the script
    load_config_options(_OPTIONS | {"server.cookieSecret": secrets.token_hex(_COOKIE_SECRET_BYTES)})
    return st.App(
        script, secrets={"service": {"base_url": base_url}}, on_script_error=_log_script_error
    )


def inline_scripts() -> tuple[str, ...]:
    """Digests of the scripts that stand in Streamlit's own page, as a content policy names them."""
    index = Path(st.__file__).with_name("static") / "index.html"
    found = re.findall(r"<script>(.*?)</script>", index.read_text(encoding="utf-8"), re.DOTALL)
    return tuple(f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}" for text in found)


def _log_script_error(error: Exception) -> bool:
    log("page_error", error=type(error).__name__, where=_where(error))
    return False


def _where(error: BaseException) -> str:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return ""
    return f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"
