"""The same endpoint in FastAPI, served by uvicorn."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import FastAPI, Header
from pydantic import BaseModel, Field


class Practice(BaseModel):
    user_id: UUID
    skill: Literal["listening", "reading", "writing", "speaking"]
    score_percent: float = Field(ge=0, le=100)
    band: float | None = Field(default=None, ge=0, le=9)
    time_minutes: int = Field(default=0, ge=0)
    is_completed: bool = True
    occurred_at: datetime | None = None


class Answer(BaseModel):
    success: bool
    message: str


app = FastAPI()


@app.get("/health/live")
def live() -> dict[str, str]:
    """Say that the process is there."""
    return {"status": "live"}


@app.post("/api/v1/user/fastapi")
async def by_fastapi(practice: Practice, x_internal_api_key: str = Header()) -> Answer:
    """Answer at once."""
    return Answer(success=True, message="counted")
