"""The official client of OpenAI against the server double: argument 1 is its URL up to /v1. Prints what it found; exit status 1 where the double is not as the client has it."""
import asyncio
import io
import json
import sys
import time

import openai
from pydantic import BaseModel


class Caption(BaseModel):
    title: str
    frames: list[int]


def check(what, holds):
    print(("ok   " if holds else "FAIL ") + what)
    check.failed += not holds


check.failed = 0
client = openai.OpenAI(base_url=sys.argv[1], api_key="sk-test", max_retries=2)
ask = dict(model="gpt-4o-mini", messages=[{"role": "user", "content": "Describe the frames."}])

check("models", any(model.id == "gpt-4o-mini" for model in client.models.list()))

whole = client.chat.completions.create(**ask)
check("whole answer", whole.choices[0].finish_reason == "stop" and whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens)

pieces = list(client.chat.completions.create(**ask, stream=True, stream_options={"include_usage": True}))
text = "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices)
check("streamed answer equals the whole one", text == whole.choices[0].message.content)
check("usage in the last piece", pieces[-1].usage.prompt_tokens == whole.usage.prompt_tokens and not pieces[-1].choices)

parsed = client.chat.completions.parse(**ask, response_format=Caption)
check("structured output", isinstance(parsed.choices[0].message.parsed, Caption))

picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}}
seen = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": [{"type": "text", "text": "x"}, picture, picture]}])
check("images are billed", seen.usage.prompt_tokens >= 170)

raw = client.chat.completions.with_raw_response.create(**ask)
check("rate-limit headers", int(raw.headers["x-ratelimit-limit-requests"]) > 0 and raw.headers["x-ratelimit-reset-tokens"])

start = time.monotonic()
slowed = client.chat.completions.create(**(ask | {"model": "limited-then-fine"}))
check("a 429 with retry-after-ms is waited for", slowed.choices[0].finish_reason == "stop" and time.monotonic() - start >= 0.2)

for model, kind in [("refused", openai.BadRequestError), ("unknown", openai.NotFoundError), ("broken", openai.InternalServerError), ("gone", openai.APIConnectionError)]:
    try:
        client.with_options(max_retries=0).chat.completions.create(**(ask | {"model": model}))
        check(f"{kind.__name__}", False)
    except openai.APIError as error:
        check(f"{kind.__name__}", type(error) is kind)

try:
    list(client.chat.completions.create(**(ask | {"model": "cut"}), stream=True))
    check("a cut stream is an error", False)
except Exception as error:  # the client lets its HTTP library's error through
    check(f"a cut stream is an error ({type(error).__name__})", True)


def line(number, custom_id=None):
    return json.dumps({"custom_id": custom_id or f"r{number}", "method": "POST", "url": "/v1/chat/completions", "body": ask | {"messages": [{"role": "user", "content": f"{number}"}]}})


def batch(lines):
    file = client.files.create(file=io.BytesIO("\n".join(lines).encode()), purpose="batch")
    made = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h", metadata={"of": "test"})
    for _ in range(50):
        made = client.batches.retrieve(made.id)
        if made.status in ("completed", "failed", "expired", "cancelled"):
            break
    return file, made


file, made = batch([line(n) for n in range(5)] + [line(9, "refuse-me")])
check("batch completes", made.status == "completed" and made.request_counts.completed == 5 and made.request_counts.failed == 1)
good = [json.loads(text) for text in client.files.content(made.output_file_id).text.splitlines()]
check("output file", sorted(item["custom_id"] for item in good) == [f"r{n}" for n in range(5)] and all(item["response"]["status_code"] == 200 for item in good))
bad = [json.loads(text) for text in client.files.content(made.error_file_id).text.splitlines()]
check("error file", [item["custom_id"] for item in bad] == ["refuse-me"] and bad[0]["response"]["status_code"] == 400)
check("metadata", made.metadata == {"of": "test"})
check("listing", any(item.id == made.id for item in client.batches.list(limit=1)))
check("retrieved file", client.files.retrieve(file.id).bytes == file.bytes)
check("deleted file", client.files.delete(file.id).deleted)
try:
    client.files.retrieve(file.id)
    check("a deleted file is gone", False)
except openai.NotFoundError:
    check("a deleted file is gone", True)
_, doubled = batch([line(1), line(1)])
check("duplicate ids fail the batch", doubled.status == "failed" and doubled.errors.data[0].code == "duplicate_custom_id")
file = client.files.create(file=io.BytesIO(line(1).encode()), purpose="batch")
made = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
check("cancelling", client.batches.cancel(made.id).status == "cancelling")


async def many():
    asynchronous = openai.AsyncOpenAI(base_url=sys.argv[1], api_key="sk-many")
    return await asyncio.gather(*(asynchronous.chat.completions.create(**ask) for _ in range(50)))


check("fifty at once", all(answer.choices[0].finish_reason == "stop" for answer in asyncio.run(many())))
sys.exit(1 if check.failed else 0)
