"""Settings: every key is explained, every mistake is named, secrets stay hidden."""

import re
import tomllib
from importlib.resources import files

import pytest

from config.settings import SettingsError, load_settings, setting_values, variable_names

DEFAULTS = (files("config") / "defaults.toml").read_text(encoding="utf-8")


def test_the_defaults_are_those_of_the_documentation() -> None:
    settings = load_settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.mongodb.uri is None
    assert settings.mongodb.database == "echosignal"
    assert settings.shopify.api_version == "2026-10"
    assert settings.shopify.base_url == "https://{shop}"
    assert settings.shopify.scopes == (
        "read_customers",
        "read_products",
        "read_orders",
        "read_all_orders",
    )
    assert settings.data_dir.is_absolute()


@pytest.mark.parametrize("name", variable_names())
def test_every_setting_is_explained_in_the_defaults(name: str) -> None:
    comments = "\n".join(line for line in DEFAULTS.splitlines() if line.startswith("#"))
    assert name in re.findall(r"ECHOSIGNAL_[A-Z_]+", comments)


def test_the_defaults_hold_no_unknown_key() -> None:
    names = set(variable_names())
    for key, value in tomllib.loads(DEFAULTS).items():
        keys = [f"{key}_{inner}" for inner in value] if isinstance(value, dict) else [key]
        assert {f"ECHOSIGNAL_{each}".upper() for each in keys} <= names


def test_the_environment_wins_over_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECHOSIGNAL_PORT", "9000")
    monkeypatch.setenv("ECHOSIGNAL_SHOPIFY_BASE_URL", "http://127.0.0.1:9300/{shop}/")
    monkeypatch.setenv("ECHOSIGNAL_SHOPIFY_SCOPES", "read_orders, read_products")
    monkeypatch.setenv("ECHOSIGNAL_ENCRYPTION_KEYS", "new,old")
    monkeypatch.setenv("ECHOSIGNAL_MONGODB_URI", "mongodb://user:pass@db/")
    settings = load_settings()
    assert settings.port == 9000
    assert settings.shopify.base_url == "http://127.0.0.1:9300/{shop}"
    assert settings.shopify.scopes == ("read_orders", "read_products")
    assert [key.get_secret_value() for key in settings.encryption_keys] == ["new", "old"]
    assert settings.mongodb.uri is not None
    assert settings.mongodb.uri.get_secret_value() == "mongodb://user:pass@db/"


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECHOSIGNAL_REDIS_URL", "")
    monkeypatch.setenv("ECHOSIGNAL_PORT", "")
    settings = load_settings()
    assert settings.redis_url is None
    assert settings.port == 8000


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("ECHOSIGNAL_MONGO_URI", "ECHOSIGNAL_MONGODB_URI"),
        ("ECHOSIGNAL_SHOPIFY_KEY", "ECHOSIGNAL_SHOPIFY_API_KEY"),
        ("ECHOSIGNAL_OPERATOR_TOKENS", "ECHOSIGNAL_OPERATOR_TOKEN"),
    ],
)
def test_an_unknown_variable_is_refused_with_the_nearest_known_one(
    monkeypatch: pytest.MonkeyPatch, wrong: str, right: str
) -> None:
    monkeypatch.setenv(wrong, "x")
    with pytest.raises(SettingsError, match=f"{wrong} is not a setting: did you mean {right}?"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("ECHOSIGNAL_PORT", "eighty", "valid integer"),
        ("ECHOSIGNAL_PORT", "70000", "less than or equal to 65535"),
        ("ECHOSIGNAL_PUBLIC_URL", "echosignal.example.com", "https://"),
        ("ECHOSIGNAL_SHOPIFY_BASE_URL", "https://example.com", r"\{shop\}"),
        ("ECHOSIGNAL_SHOPIFY_API_VERSION", "latest", "pattern"),
        ("ECHOSIGNAL_LOG_LEVEL", "LOUD", "'DEBUG', 'INFO'"),
        ("ECHOSIGNAL_SYNC_BATCH_RECORDS", "0", "greater than or equal to 1"),
    ],
)
def test_an_invalid_value_is_refused_under_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^{name}: .*{reason}"):
        load_settings()


def test_the_effective_settings_hide_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "ECHOSIGNAL_OPERATOR_TOKEN",
        "ECHOSIGNAL_SHOPIFY_API_SECRET",
        "ECHOSIGNAL_ENCRYPTION_KEYS",
        "ECHOSIGNAL_MONGODB_URI",
    ):
        monkeypatch.setenv(name, "do-not-show")
    settings = load_settings()
    assert "do-not-show" not in repr(settings)
    assert "do-not-show" not in repr(setting_values(settings))
    assert [name for name, _ in setting_values(settings)] == variable_names()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("/var/lib/archive", "must be an address such as file:///"),
        ("ftp://host/archive", "must be an address such as file:///"),
        ("s3:///folder", "must be an address such as file:///"),
        ("file://archive", "must be an address such as file:///"),
        ("s3://key:secret@bucket/folder", "must hold no credentials"),
    ],
)
def test_an_archive_is_an_address_without_credentials(
    monkeypatch: pytest.MonkeyPatch, url: str, problem: str
) -> None:
    monkeypatch.setenv("ECHOSIGNAL_ARCHIVE_URL", url)
    with pytest.raises(SettingsError, match=problem):
        load_settings()
    for good in ("file:///var/lib/archive", "s3://bucket?region=eu-central-1", "gs://bucket/a"):
        monkeypatch.setenv("ECHOSIGNAL_ARCHIVE_URL", good)
        assert load_settings().archive.url == good
