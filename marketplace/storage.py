"""Where the bytes of papers live: a folder, or an S3-compatible bucket, addressed by the SHA-256 of the content.

An address is its content's hash, so writing twice changes nothing and nothing can be changed unnoticed.
"""

import hashlib
from pathlib import Path

import obstore
from obstore.store import LocalStore, ObjectStore, S3Store

from marketplace.config import ROOT, Settings


class Storage:
    """Content-addressed bytes."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def open(cls, settings: Settings) -> "Storage":
        if settings.storage_url.startswith("s3://"):
            bucket = settings.storage_url.removeprefix("s3://")
            return cls(
                S3Store(
                    bucket,
                    endpoint=settings.s3_endpoint,
                    access_key_id=settings.s3_key,
                    secret_access_key=settings.s3_secret,
                    virtual_hosted_style_request=False,
                )
            )
        folder = Path(settings.storage_url)
        folder = folder if folder.is_absolute() else ROOT / folder
        folder.mkdir(parents=True, exist_ok=True)
        return cls(LocalStore(folder))

    def put(self, content: bytes) -> str:
        """Keep the bytes and return their SHA-256 in hex; keeping them twice is once."""
        digest = hashlib.sha256(content).hexdigest()
        obstore.put(self._store, self._path(digest), content)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes of that hash.

        :raises FileNotFoundError: if they are not kept here
        """
        return bytes(obstore.get(self._store, self._path(digest)).bytes())

    @staticmethod
    def _path(digest: str) -> str:
        return f"{digest[:2]}/{digest[2:4]}/{digest}"
