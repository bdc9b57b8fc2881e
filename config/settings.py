"""The settings: built once at the entry from the environment, handed down as values.

The only module that reads the environment. ``defaults.toml`` explains every key.
"""

import difflib
import os
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

PREFIX = "ECHOSIGNAL_"


class SettingsError(ValueError):
    """The settings cannot be used; the text says what to set, one line for each problem."""


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value


def _non_empty_parts(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part for part in value if part)


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        message = "must be an address such as https://echosignal.example.com"
        raise ValueError(message)
    return value.rstrip("/")


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if _http_url(value) != value or urlsplit(value).path or urlsplit(value).query:
            message = "must be origins such as https://app.example.com, without a path"
            raise ValueError(message)
    return values


def _http_url_if_any(value: str | None) -> str | None:
    return None if value is None else _http_url(value)


def _shop_url(value: str) -> str:
    if "{shop}" not in value:
        message = "must hold {shop} where the shop's domain belongs"
        raise ValueError(message)
    _http_url(value.replace("{shop}", "shop.myshopify.com"))
    return value.rstrip("/")


def _archive_url(value: str) -> str:
    parts = urlsplit(value)
    is_place = parts.path.startswith("/") if parts.scheme == "file" else bool(parts.netloc)
    if parts.scheme not in {"file", "s3", "gs"} or not is_place:
        message = "must be an address such as file:///var/lib/archive or s3://bucket/folder"
        raise ValueError(message)
    if parts.username is not None:
        message = "must hold no credentials: give them as the object store's own variables"
        raise ValueError(message)
    return value


CommaSeparated = Annotated[
    tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_non_empty_parts)
]
Origins = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_split),
    AfterValidator(_non_empty_parts),
    AfterValidator(_origins),
]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MongodbSettings(_Table):
    """Where the database is."""

    uri: SecretStr | None = None
    database: Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[A-Za-z0-9_-]+$")]


class ShopifySettings(_Table):
    """What the app is to Shopify."""

    api_key: str | None = None
    api_secret: SecretStr | None = None
    api_secret_previous: SecretStr | None = None
    api_version: Annotated[str, Field(pattern=r"^(20\d\d-(01|04|07|10)|unstable)$")]
    scopes: CommaSeparated
    base_url: Annotated[str, AfterValidator(_shop_url)]
    requests_per_second: Annotated[int, Field(ge=1, le=100_000)]
    migrate_tokens: bool


class SyncSettings(_Table):
    """How syncs work."""

    batch_records: Annotated[int, Field(ge=1, le=10_000)]
    few_records: Annotated[int, Field(ge=0, le=100_000)]
    overlap_seconds: Annotated[float, Field(ge=0, le=86_400)]
    concurrent_runs: Annotated[int, Field(ge=1, le=1_000)]
    lease_seconds: Annotated[float, Field(ge=1, le=3_600)]
    bulk_stall_seconds: Annotated[float, Field(gt=0)]
    bulk_slot_seconds: Annotated[float, Field(ge=0)]
    bulk_poll_seconds: Annotated[float, Field(gt=0, le=600)]


class ArchiveSettings(_Table):
    """Where old orders go."""

    url: Annotated[str, AfterValidator(_archive_url)] | None = None


class GraphqlSettings(_Table):
    """What the API lets one caller do, and which pages of other origins may call it."""

    allowed_origins: Origins
    query_points: Annotated[int, Field(ge=1)]
    bucket_points: Annotated[int, Field(ge=1)]
    restore_points: Annotated[int, Field(ge=1)]
    timeout_seconds: Annotated[float, Field(gt=0, le=3_600)]
    concurrent_operations: Annotated[int, Field(ge=1)]
    concurrent_operations_per_caller: Annotated[int, Field(ge=1)]
    subscriptions_per_caller: Annotated[int, Field(ge=0)]
    persisted_queries: Annotated[int, Field(ge=0, le=100_000)]


_Days = Annotated[int, Field(ge=1, le=36_500)]


class RetentionSettings(_Table):
    """How long what is not the copy itself is kept."""

    webhook_event_days: _Days
    sync_error_days: _Days
    sync_run_days: _Days
    data_export_days: _Days
    audit_days: _Days
    engagement_days: _Days


class LogSettings(_Table):
    """How the log reads."""

    format: Literal["auto", "console", "json"]
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class MetricsSettings(_Table):
    """Who may see the metrics, and where a worker shows them."""

    token: SecretStr | None = None
    worker_port: Annotated[int | None, Field(ge=0, le=65_535)] = None


class TracingSettings(_Table):
    """Where traces go."""

    endpoint: Annotated[str | None, AfterValidator(_http_url_if_any)] = None


class Settings(BaseSettings):
    """All settings."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_ignore_empty=True,
    )

    host: str
    port: Annotated[int, Field(ge=0, le=65_535)]
    public_url: Annotated[str, AfterValidator(_http_url)]
    data_dir: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("echosignal"))
    )
    redis_url: SecretStr | None = None
    encryption_keys: Secrets = ()
    operator_token: SecretStr | None = None
    mongodb: MongodbSettings
    shopify: ShopifySettings
    sync: SyncSettings
    archive: ArchiveSettings = ArchiveSettings()
    graphql: GraphqlSettings
    retention: RetentionSettings
    log: LogSettings
    metrics: MetricsSettings
    tracing: TracingSettings

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what the caller gives, then the environment, then the defaults."""
        del dotenv_settings, file_secret_settings
        defaults = Path(str(files("config") / "defaults.toml"))
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, toml_file=defaults, deep_merge=True),
        )


def load_settings(**given: Any) -> Settings:
    """Build the settings from the environment; keyword arguments win over it.

    Raises:
        SettingsError: a variable is unknown or its value is of no use.
    """
    problems = _unknown_variables()
    if problems:
        raise SettingsError("\n".join(problems))
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(error))) from None


def variable_names() -> list[str]:
    """Return the name of every environment variable that is a setting."""
    names = []
    for field, info in Settings.model_fields.items():
        table = info.annotation
        if isinstance(table, type) and issubclass(table, _Table):
            names += [f"{PREFIX}{field}_{key}".upper() for key in table.model_fields]
        else:
            names.append(f"{PREFIX}{field}".upper())
    return names


def _unknown_variables() -> list[str]:
    known = variable_names()
    problems = []
    for name in sorted(os.environ):  # noqa: TID251 - this is the one place
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            nearest = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.0)[0]
            problems.append(f"{name} is not a setting: did you mean {nearest}?")
    return problems


def _explain(error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        name = "_".join([PREFIX.rstrip("_"), *map(str, problem["loc"])]).upper()
        reason = problem["msg"].removeprefix("Value error, ")
        lines.append(f"{name}: {reason}")
    return lines


def setting_values(settings: Settings) -> list[tuple[str, str]]:
    """Return every setting under its environment name, as it is in effect, secrets hidden."""
    values = []
    for field in Settings.model_fields:
        value = getattr(settings, field)
        if isinstance(value, _Table):
            values += [
                (f"{PREFIX}{field}_{key}".upper(), _shown(getattr(value, key)))
                for key in type(value).model_fields
            ]
        else:
            values.append((f"{PREFIX}{field}".upper(), _shown(value)))
    return values


def secret_values(settings: Settings) -> list[str]:
    """Return the values that must never be shown; of an address only its password."""
    values = [getattr(settings, field) for field in Settings.model_fields]
    for table in [each for each in values if isinstance(each, _Table)]:
        values += [getattr(table, key) for key in type(table).model_fields]
    values += [part for each in values if isinstance(each, tuple) for part in each]
    secrets = [each.get_secret_value() for each in values if isinstance(each, SecretStr)]
    return [urlsplit(each).password or "" if "://" in each else each for each in secrets]


def _shown(value: object) -> str:
    if value is None or value == ():
        return "(unset)"
    if isinstance(value, tuple):
        return ", ".join(_shown(part) for part in value)
    return str(value)
