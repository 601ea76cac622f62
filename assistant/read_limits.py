"""How patiently, and how far, EHRs are read: what a site can set under ``[read]``."""

from pydantic import BaseModel, ConfigDict, Field

_MEBIBYTE = 1024 * 1024


class ReadLimits(BaseModel):
    """Limits of one read; what does not fit is told as an incomplete read, never cut in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    total_seconds: float = Field(default=90.0, gt=0, le=3600, description="the whole read")
    request_seconds: float = Field(default=30.0, gt=0, le=600, description="one request")
    attempts: int = Field(default=4, ge=1, le=10, description="of one request, the first included")
    longest_retry_after_seconds: float = Field(
        default=20.0, ge=0, le=600, description="longest wait that a server may ask for"
    )
    at_once: int = Field(default=6, ge=1, le=32, description="requests under way together")
    page_size: int = Field(default=100, ge=1, le=1000, description="resources asked for a page")
    pages: int = Field(default=500, ge=1, description="pages of one search")
    answer_bytes: int = Field(
        default=64 * _MEBIBYTE, ge=_MEBIBYTE, description="largest answer, in bytes"
    )
    resources: int = Field(default=100_000, ge=1, description="of one patient")
    medications: int = Field(default=500, ge=0, description="Medications read one by one")
