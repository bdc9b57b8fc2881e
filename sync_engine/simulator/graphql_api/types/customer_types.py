"""Customer and what hangs on it."""

from operator import attrgetter

from msgspec import Struct

from sync_engine.simulator.gids import gid
from sync_engine.simulator.graphql_api.execution import (
    Arguments,
    BoundField,
    ConnectionField,
    Execution,
    Field,
    FieldTable,
    Getter,
)
from sync_engine.simulator.graphql_api.paging import SequenceCollection
from sync_engine.simulator.graphql_api.types.lists import orders_of_customer
from sync_engine.simulator.records.customer import Customer


class SmsConsent(Struct, frozen=True):
    """A customer's consent to text messages."""

    customer: Customer


class WhatsAppConsent(Struct, frozen=True):
    """A customer's consent to WhatsApp messages: nobody in the simulator was ever asked."""

    customer: Customer


def _addresses(arguments: Arguments, _execution: Execution) -> Getter:
    first = arguments.get("first")
    return lambda customer: customer.addresses[:first]


def _last_order(_arguments: Arguments, execution: Execution) -> Getter:
    def find(customer: Customer) -> object:
        if customer.last_order_id is None:
            return None
        return execution.state.lookup.order(customer.last_order_id, execution.orders_created_from)

    return find


def _consent_state(consent: SmsConsent) -> str:
    """The newer consent types say NEVER_SUBSCRIBED where the older ones say NOT_SUBSCRIBED."""
    state = consent.customer.sms_marketing
    return "NEVER_SUBSCRIBED" if state == "NOT_SUBSCRIBED" else state


CUSTOMER: FieldTable = {
    "addresses": BoundField(_addresses),
    "addressesV2": ConnectionField(
        lambda _arguments, _execution: (
            lambda customer: SequenceCollection(
                "Customer.addressesV2", customer.addresses, attrgetter("id")
            )
        )
    ),
    "amountSpent": Field(attrgetter("amount_spent")),
    "canDelete": Field(lambda customer: customer.number_of_orders == 0),
    "createdAt": Field(attrgetter("created_at")),
    "dataSaleOptOut": Field(lambda _: False),
    "defaultAddress": Field(attrgetter("default_address")),
    "defaultEmailAddress": Field(lambda customer: customer if customer.email else None),
    "defaultPhoneNumber": Field(lambda customer: customer if customer.phone else None),
    "displayName": Field(attrgetter("display_name")),
    "email": Field(attrgetter("email")),
    "firstName": Field(attrgetter("first_name")),
    "id": Field(lambda customer: gid("Customer", customer.id)),
    "lastName": Field(attrgetter("last_name")),
    "lastOrder": BoundField(_last_order),
    "legacyResourceId": Field(lambda customer: str(customer.id)),
    "locale": Field(attrgetter("locale")),
    "note": Field(attrgetter("note")),
    "numberOfOrders": Field(lambda customer: str(customer.number_of_orders)),
    "orders": ConnectionField(orders_of_customer),
    "phone": Field(attrgetter("phone")),
    "state": Field(attrgetter("state")),
    "tags": Field(attrgetter("tags")),
    "taxExempt": Field(attrgetter("is_tax_exempt")),
    "taxExemptions": Field(lambda _: ()),
    "updatedAt": Field(attrgetter("updated_at")),
    "validEmailAddress": Field(lambda customer: customer.email is not None),
    "verifiedEmail": Field(attrgetter("is_email_verified")),
}
CUSTOMER_EMAIL_ADDRESS: FieldTable = {
    "emailAddress": Field(attrgetter("email")),
    "marketingOptInLevel": Field(
        lambda customer: None if customer.marketing_updated_at is None else "SINGLE_OPT_IN"
    ),
    "marketingState": Field(attrgetter("email_marketing")),
    "marketingUpdatedAt": Field(attrgetter("marketing_updated_at")),
    "validFormat": Field(lambda _: True),
}
CUSTOMER_PHONE_NUMBER: FieldTable = {
    "marketingState": Field(attrgetter("sms_marketing")),
    "phoneNumber": Field(attrgetter("phone")),
    "smsMarketingConsent": Field(SmsConsent),
    "whatsAppMarketingConsent": Field(WhatsAppConsent),
}
CUSTOMER_SMS_MARKETING_CONSENT: FieldTable = {
    "collectedFrom": Field(lambda _: None),
    "optInLevel": Field(lambda _: None),
    "state": Field(_consent_state),
    "updatedAt": Field(lambda consent: consent.customer.marketing_updated_at),
}
CUSTOMER_WHATS_APP_MARKETING_CONSENT: FieldTable = {
    "collectedFrom": Field(lambda _: None),
    "optInLevel": Field(lambda _: None),
    "state": Field(lambda _: "NEVER_SUBSCRIBED"),
    "updatedAt": Field(lambda _: None),
}
