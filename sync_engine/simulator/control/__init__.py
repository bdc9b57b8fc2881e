"""`/_control/...`: sees into the simulation and changes it. For tests; answers this machine only.

    GET    /_control/clock                     {"now", "now_seconds", "offset_seconds"}
    POST   /_control/clock                     {"advance_seconds": 3600}
    POST   /_control/reset                     back to the start; shops stay
    GET    /_control/shops                     all shops, see below
    POST   /_control/shops                     {"spec": "name:orders=10"}: open another shop
    GET    /_control/shops/{shop}              one shop
    POST   /_control/shops/{shop}              change it; any of
             {"plan": "plus", "standing": "open" | "frozen" (402) | "locked" (423) | "closed" (404)
                | "fraudulent" (403) | "rejected" (430) | "inactive" (200, SHOP_INACTIVE),
              "redirect_to": "other.myshopify.com" | null,   301 for every Admin request
              "answers_as": "other.myshopify.com" | null,    shop{myshopifyDomain}
              "approval": {"has_customers": true, "fields": ["name", "address", "phone", "email"]},
              "granted_scopes": ["read_orders"] | null, "is_bulk_disabled": true,
              "search_lag_seconds": 0, "paging_limit": 25000 | null,
              "is_rest_retired": true, "bulk_seconds": 5 | null, "cancel_seconds": 300,
              "points": {"maximum", "restore_rate", "available"},    of all apps
              "calls": {"maximum", "leak_rate", "level"}}            of all apps
    GET    /_control/shops/{shop}/operations   bulk operations as they are now, newest first
    GET    /_control/shops/{shop}/tokens       every token given out
    POST   /_control/shops/{shop}/tokens       {"kind": "permanent" | "offline", "scopes": [...]}
    POST   /_control/shops/{shop}/tokens/revoke    {"app": "..." | null}
    POST   /_control/shops/{shop}/tokens/expire    access tokens end now, refresh tokens stay
    POST   /_control/shops/{shop}/session_token    {"user": 1}: as the admin gives embedded apps
    POST   /_control/shops/{shop}/uninstall    {"app": "..." | null}: tokens and webhooks
                                               go, app/uninstalled; shop/redact two days later
    POST   /_control/shops/{shop}/edits        {"edits": [...]}: see `edits.requests`
    GET    /_control/shops/{shop}/events       what edits announced
    POST   /_control/shops/{shop}/churn        {"edits": 100, "seed": 7, "advance_seconds": 3600}:
                                               random edits of all kinds; the clock moves up to so
                                               much after each: {"applied", "refused", "now"}
    GET    /_control/shops/{shop}/truth        {"orders": {"ids", "count"}, "customers", "products"}
    GET    /_control/shops/{shop}/truth/{resource}     ?since=0&limit=1000: {"records", "next"}:
                                               whole records as REST shows them, all variants and
                                               transactions included; `next` goes into `since`
    POST   /_control/app                       {"config": {...}, "client_secret": "..."}: what
                                               `webhooks.app_config` describes; a new secret signs
    GET    /_control/webhooks                  {"pace", "in_flight", "ready", "later"}
    POST   /_control/webhooks                  {"connections": 32, "retry_over_seconds": 14400,
                                                "connect_seconds": 1, "answer_seconds": 5}
    POST   /_control/webhooks/drain            {"within_seconds": 30}: waits until nothing is to be
                                               sent now; adds "is_idle" to the above
    GET    /_control/shops/{shop}/subscriptions    those made through the API
    GET    /_control/shops/{shop}/webhooks     ?topic=: deliveries with their attempts
    POST   /_control/shops/{shop}/webhooks/disturb     see `webhooks.disturbances`; {} ends it
    GET    /_control/shops/{shop}/webhooks/disturb     {"disturbances", "counts"}
    POST   /_control/shops/{shop}/webhooks/burst       {"topic": "orders/updated", "count": 1000,
                                               "per_minute": 20000 | null, "is_prepared": false}:
                                               {"id"}, at once; null is as fast as it is answered
    GET    /_control/shops/{shop}/webhooks/burst/{id}  {"is_over", "sent", "states", "seconds",
                                               "attempts_by_status", "answers_per_minute",
                                               "latency_seconds": {"p50", "p90", "p99", "p100"}}
    POST   /_control/shops/{shop}/webhooks/fire    {"topic": "customers/redact", "id": 1}: a
                                               compliance topic (id: of the customer), or one about
                                               a record in which nothing has changed
    POST   /_control/shops/{shop}/scopes       {"scopes": [...], "app": "..." | null}: of all the
                                               app's tokens; app/scopes_update
    POST   /_control/shops/{shop}/profile      {"name", "email", "plan"}, any of: shop/update
    GET    /_control/faults                    armed rules with their hits
    POST   /_control/faults                    arm a rule: see `faults.rules`
    DELETE /_control/faults                    disarm all;  /_control/faults/{id}: one
    GET    /_control/log                       ?shop=&kind=&limit=: late requests
    GET    /_control/counters                  ?shop=: sums by shop and kind
    DELETE /_control/log                       forget both

A mistake answers 400 with {"error": "..."}; an unknown shop or rule 404.
"""
