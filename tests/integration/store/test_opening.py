"""Opening MongoDB: what its URI says of the connection holds."""

import pytest

from sync_engine.model.errors import StoreUnavailableError
from sync_engine.store.mongo import open_mongo
from tests.unused_port import unused_port


@pytest.mark.parametrize("name", ["serverSelectionTimeoutMS", "serverselectiontimeoutms"])
async def test_a_uri_says_how_long_to_look_for_a_server(name: str) -> None:
    nobody = f"127.0.0.1:{unused_port()}"
    uri = f"mongodb://{nobody}/?directConnection=true&{name}=120"
    with pytest.raises(StoreUnavailableError) as failed:
        async with open_mongo(uri, "nowhere"):
            pass
    assert "Timeout: 0.12s" in str(failed.value.__cause__)
