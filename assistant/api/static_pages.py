"""The pages that the service draws itself, in one frame; every value in them is escaped."""

from jinja2 import Environment, PackageLoader, StrictUndefined

_PAGES = Environment(
    loader=PackageLoader("assistant.api"), autoescape=True, undefined=StrictUndefined
)


def html_page(name: str, **values: object) -> str:
    """The HTML of ``templates/{name}.html``."""
    return _PAGES.get_template(f"{name}.html").render(values)
