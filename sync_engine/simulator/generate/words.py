"""The vocabulary of generated shops: plain, accented, non-Latin, quoted and pictured.

Awkward characters are here on purpose: whatever reads a shop meets them in names, titles, tags and
notes, as it would in the wild.
"""

FIRST_NAMES = (
    "Ada", "Aisha", "Anaïs", "Björn", "Chloé", "D'Angelo", "Emma", "Fatima", "Grace", "Hiroshi",
    "Ingrid", "Jürgen", "Jean-Luc", "Kwame", "Łukasz", "Mary Ann", "Noor", "Olga", "Priya",
    "Quentin", "Renée", "Søren", "太郎", "Ugo", "Valentina", "William", "Ximena", "Yusuf", "Zoë",
    "محمد",
)  # fmt: skip
LAST_NAMES = (
    "Åkesson", "Bianchi", "Castillo", "Dubois", "Evans", "Fischer", "García Márquez", "Hopper",
    "Ivanova", "Johnson", "Kowalski", "Lovelace", "McAllister", "Nguyễn", "O'Brien", "Petrović",
    "Quispe", "Rossi", "St. John", "Šimić", "Tanaka", "Ünal", "van der Berg", "Weiß", "Xu",
    "Yamada", "Zhang", "山田",
)  # fmt: skip
COMPANIES = ("Acme GmbH", "Müller & Söhne", "Smith, Wesson & Co.", 'The "Good" Shop', "株式会社")
STREETS = (
    "Market Street", "Rue de l'Église", "Hauptstraße", "High Street", "Calle Mayor", "Ringweg",
    "Elm Avenue", "Königsallee", "Station Road", "桜通り",
)  # fmt: skip
ADDRESS_EXTRAS = ("Apt. 4B", "2nd floor", "c/o Weiß", "Suite 1200", "Hinterhaus 🏠")
EMAIL_HOSTS = ("example.com", "example.org", "example.net", "mail.example")

ADJECTIVES = (
    "Classic", "Organic", "Midnight", "Featherlight", "Handmade", "Crème", "Alpine", "Recycled",
    "Sunny", "Velvet", "Rugged", "Nordic", "Tiny", "Grand", "Wild",
)  # fmt: skip
MATERIALS = ("Cotton", "Linen", "Oak", "Steel", "Merino", "Leather", "Ceramic", "Bamboo", "Glass")
GOODS = (
    "T-Shirt", "Mug", "Backpack", "Lamp", "Notebook", "Scarf", "Candle", "Socks", "Chair", "Bottle",
    "Café Press", "Blanket", "Watch", "Poster", "Jacket",
)  # fmt: skip
TITLE_EXTRAS = ("", "", "", "", "", " 🎁", ' 12"', " - Édition limitée", " (2-pack)", " 2.0")
VENDORS = ("Northwind", "Maison Ébène", "Fjäll & Sohn", "Snowdevil", "东方制造", 'Bob\'s "Best"')
PRODUCT_TYPES = ("Apparel", "Home", "Accessories", "Stationery", "Kitchen & Dining", "")
COLOURS = (
    "Black", "White", "Navy", "Crème", "Forest", "Rosé", "Sand", "Grau", "Teal", "Plum", "Rust",
    "Sky", "Olive", "Coral", "Ink", "Snow",
)  # fmt: skip
SIZES = (
    "XXS", "XS", "S", "M", "L", "XL", "2XL", "3XL", "4XL", "36", "37", "38", "39", "40", "41", "42",
    "43", "44", "45", "46",
)  # fmt: skip

PRODUCT_TAGS = ("new", "sale", "été", "best seller", "eco", 'so-called "vintage"', "🔥", "gift")
CUSTOMER_TAGS = ("vip", "wholesale", "newsletter", "Stammkunde", 'says "hello"', "日本", "repeat")
ORDER_TAGS = ("gift", "express", "fraud-checked", "B2B", "naïve", "it's late", "⭐", 'has "quotes"')
ORDER_NOTES = (
    "Please ring twice.",
    "Bitte beim Nachbarn abgeben, danke! 🙏",
    'Engrave: "Forever & ever"',
    "Leave at the back door\nand close the gate.",
    "お急ぎください",
    "\t tabs, 'quotes', \\backslashes\\ and </script>",
)
CUSTOMER_NOTES = ("Prefers e-mail.", "Allergic to wool 🐑", 'Calls himself "The Duke"')
REFUND_NOTES = ("Wrong size", "Damaged in transit", "Changed mind 🤷", "Goodwill: late delivery")
CUSTOM_LINES = ("Gift wrapping 🎀", "Engraving: “Für Oma”", "Rush fee", "Custom alteration")
SHIPPING_METHODS = (("Standard", "STD"), ("Express ⚡", "EXPRESS"), ("Économique", "ECO"))
SOURCES = (
    ("web", 580_111, "Online Store", 72),
    ("pos", 129_785, "Point of Sale", 12),
    ("shopify_draft_order", 1_354_745, "Draft Orders", 6),
    ("iphone", 580_111, "Online Store", 3),
    ("2329312", 2_329_312, "Facebook & Instagram", 5),
    ("subscription_contract", 4_383_523, "Abonnements ♻️", 2),
)
DISCOUNT_CODES = ("WELCOME10", "SUMMER20", "FRIENDS&FAMILY", "BLACK-FRIDAY", "grüße5", "VIP25")
AUTOMATIC_TITLES = ("Buy more, save more", "Bundle -15%", "Été: tout doit disparaître")
MANUAL_TITLES = ("Price match", "Scratched box", "Staff discount")
