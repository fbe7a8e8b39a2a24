"""Words by which columns and cells say what a row is, in the languages in which shops export: stems, looked for after `plain`."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Of names of columns.
STATUS = "status zustand statut estado stato situacao staat 状态 狀態 ステータス"
CURRENCY = "currency currencycode ccy wahrung waehrung devise moneda valuta moeda monnaie divisa waluta 币种 幣種 货币 貨幣 通貨 통화"
EVENT = (
    "event eventtype eventname behaviortype behaviourtype behavior behaviour action actiontype activity interaction 行为 "
    "行为类型 事件 事件类型 イベント"
)
KIND = (
    "type transactiontype transtype rowtype recordtype entrytype ordertype documenttype art typ transaktionsart belegart vorgang tipo "
    "tipotransaccion tipodocumento typedetransaction 类型 交易类型 業務類型 业务类型"
)
REFUND = (
    "refund rembours reembols rimbors erstatt storno gutschrift chargeback devoluc devolvid devuelt estorn terugbetaald "
    "zwrot returnedamount "
    "returnamount 退款 返金 возврат"
)
QUANTITY = (
    "quantity qty units pieces items count itemcount numberofcds menge anzahl stuck stueck stuckzahl quantite qte cantidad "
    "quantita quantidade "
    "aantal ilosc 数量 件数 购买数量 商品数量 數量 個数"
)
UNIT_PRICE = (
    "unitprice priceperunit priceperpiece priceeach itemprice pieceprice priceperitem lineitemprice unitcost einzelpreis stuckpreis "
    "stueckpreis preisprostuck prixunitaire preciounitario preciounidad prezzounitario precounitario stukprijs "
    "eenheidsprijs cenajednostkowa "
    "单价 單價 单价元 単価 商品单价"
)
PIECE_PRICE = "price value preis prix precio prezzo preco prijs cena 价格 价钱 價格 售价"  # may be the price of one piece
ORDER = (
    "order orderid orderno ordernumber ordername ordercode invoice invoiceid invoiceno invoicenumber transactionid "
    "transactionno receipt receiptid "
    "receiptno basketid basket saleid ticket bestellung bestellnummer bestellnr auftrag auftragsnummer rechnung "
    "rechnungsnummer rechnungsnr "
    "beleg belegnummer commande numerocommande facture numerofacture pedido numeropedido factura ordine numeroordine "
    "pedidoid bestelnummer "
    "订单 订单号 订单编号 单号 交易号 發票號碼 訂單編號"
)
# Of cells: the row is no sale, or not yet one.
NOT_SOLD = (
    r"cancel|annul|storn|void|fail|declin|reject|refus|pending|unpaid|not paid|refund|return(ed|s)?\b|rembours|reembols|rimbors|erstatt|"
    r"retour|charge ?back|disput|expir|abandon|draft|denied|revers|fraud|await|abgelehn|abgebroch|fehlgeschlag|ausstehend|"
    r"unbezahlt|offen\b|"
    r"echou|en attente|impaye|devuelt|devolv|pendient|pendente|fallid|falh|rechaz|recus|estorn|in attesa|rifiut|reso\b|"
    r"geannul|terugbetaald|"
    r"mislukt|geweiger|in behandeling|取消|退款|退货|退貨|交易关闭|未付|待付|等待.*付款|失败|失敗|作废|キャンセル|返金|返品|"
    r"未払|отмен|возврат|"
    r"anulow|zwrot|requires payment|on hold|test order|incomplete|uncaptured"
)
STILL_SOLD = r"partial|teilweise|partiel|parcial|parzial|gedeelt|部分|non refund|not (cancel|refund|return)|nicht stor|no return"
SOLD = (
    r"complet|paid|shipp|deliver|fulfil|closed|success|succeed|approv|captur|settl|process|dispatch|sent\b|done\b|ok\b|invoiced|bezahlt|"
    r"abgeschl|versand|versend|geliefert|erledigt|zugestellt|paye|livre|expedi|termine|valide|pagad|enviad|entreg|pagat|"
    r"spedit|consegn|evaso|"
    r"pago\b|conclu|betaald|voltooid|verzond|geleverd|afgerond|完成|成功|已付|已支付|已发货|已收货|zrealiz|выполн|оплач|доставл"
)
BOUGHT = (
    r"^(buy|bought|purchase[ds]?|order(ed)?|order ?(placed|completed?|paid)|sales?|sold|transaction|payment|paid|charge|"
    r"invoice|checkout ?complete[d]?|"
    r"complete ?purchase|kauf|gekauft|bestellung|verkauf|rechnung|achat|vente|commande|compra|venta|pedido|acquisto|vendita|"
    r"venda|aankoop|"
    r"verkoop|购买|下单|支付|成交|付款|交易成功|销售|購買|购物)$"
)
NOT_BOUGHT = (
    r"^pv$|page ?view|view|visit|click|klick|\bcart\b|add ?to|basket|wish|fav|\blike|impression|search|log ?in|log ?out|"
    r"sign ?up|register|"
    r"session|scroll|open(ed)? ?email|remove|begin ?checkout|checkout ?start|browse|fee\b|fees\b|payout|transfer|withdraw|"
    r"deposit|top ?up|"
    r"adjustment|tax\b|ansicht|warenkorb|merkliste|suche|gebuhr|auszahl|panier|vue\b|frais|virement|carrito|comision|"
    r"commission|visita|carrello|"
    r"浏览|点击|收藏|加购|购物车|搜索|瀏覽|登录"
)
# A row that sums up others: the beginning of what stands in place of its id.
TOTALS = (
    "total", "grand total", "sub total", "subtotal", "overall total", "report total", "sum", "summe", "gesamt", "gesamtsumme",
    "zwischensumme",
    "endsumme", "somme", "sous total", "totaal", "totale", "suma", "razem", "итого", "всего", "合计", "总计", "總計", "合計",
    "小计", "小計", "总和",
)  # fmt: skip
# An id that stands for whoever gave none.
NOBODY = (
    "guest", "guests", "guest user", "guest customer", "guest checkout", "guest account", "gast", "gaste", "gäste", "gastbestellung",
    "invite", "invité", "invitado", "ospite", "convidado", "visitor", "visiteur", "anonymous", "anonym", "anonyme", "anonimo", "anónimo",
    "anonymized", "unknown", "unknown customer", "unbekannt", "inconnu", "desconocido", "sconosciuto", "desconhecido",
    "onbekend", "walk in",
    "walkin", "walk in customer", "cash", "cash customer", "cash sale", "counter sale", "pos", "pos customer", "laufkundschaft",
    "barverkauf",
    "barkunde", "retail customer", "default", "default customer", "nobody", "no id", "no customer", "no name", "no account",
    "not available",
    "not provided", "not registered", "not logged in", "unregistered", "undefined", "dummy", "test", "test customer", "test user", "misc",
    "diverse", "divers", "varios", "noreply", "no reply", "游客", "訪客", "访客", "散客", "匿名", "匿名用户", "未知", "未注册",
    "ゲスト", "гость", "неизвестно",
)  # fmt: skip
# What stands in place of an id, and says that there is none.
NO_ID = (
    "null", "nan", "n/a", "#n/a", "na", "<na>", "none", "nil", "(null)", "(blank)", "(none)", "(empty)", "(not set)", "-", "--",
    "---", "?", "nat", "无",
    "#ref!", "#value!",
)  # fmt: skip
NUMBERS_OF_NOBODY = r"^(-?0+|-1|9{4,}|-9{2,})$"
YES = ("true", "t", "yes", "y", "1", "ja", "j", "oui", "o", "si", "sim", "是", "x", "wahr", "vrai")
NO = ("false", "f", "no", "n", "0", "nein", "non", "nao", "否", "falsch", "faux", "")
CURRENCIES = frozenset(
    [
        "AED",
        "ARS",
        "AUD",
        "BDT",
        "BGN",
        "BHD",
        "BRL",
        "CAD",
        "CHF",
        "CLP",
        "CNH",
        "CNY",
        "COP",
        "CZK",
        "DKK",
        "EGP",
        "EUR",
        "GBP",
        "GHS",
        "HKD",
        "HRK",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "ISK",
        "JOD",
        "JPY",
        "KES",
        "KRW",
        "KWD",
        "KZT",
        "LKR",
        "MAD",
        "MXN",
        "MYR",
        "NGN",
        "NOK",
        "NZD",
        "OMR",
        "PEN",
        "PHP",
        "PKR",
        "PLN",
        "QAR",
        "RMB",
        "RON",
        "RSD",
        "RUB",
        "SAR",
        "SEK",
        "SGD",
        "THB",
        "TRY",
        "TWD",
        "UAH",
        "USD",
        "UYU",
        "VND",
        "ZAR",
    ]
)


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """Lower case without accents, underscores and hyphens, with single blanks.

    Examples
    --------
    >>> plain("Annulée"), plain("partially_refunded"), plain("已取消")
    ('annulee', 'partially refunded', '已取消')
    """
    parts = (unicodedata.normalize("NFKD", c) if c < "\u0250" else c for c in text.casefold())  # signs of other scripts are letters
    bare = "".join(c for part in parts for c in part if not unicodedata.combining(c))
    return re.sub(r"[\s_\-]+", " ", bare).strip() or text.strip()


def header(name: str) -> str:
    """A name of a column for comparison: `plain` without blanks, marks and what stands in brackets; "LineitemPrice" as "lineitem price".

    Examples
    --------
    >>> header("Financial Status"), header("Währung (ISO)"), header("behavior_type")
    ('financialstatus', 'wahrung', 'behaviortype')
    """
    return re.sub(r"[\s_\-./#:]", "", plain(re.sub(r"[(（\[【].*?[)）\]】]", "", str(name))))


def is_named(name: str, words: str, *, ends: bool = False) -> bool:
    """Whether a header is one of the words, or (`ends`) ends or begins with one.

    Examples
    --------
    >>> is_named("Financial Status", STATUS), is_named("Financial Status", STATUS, ends=True)
    (False, True)
    """
    bare, known = header(name), words.split()
    return bare in known or (ends and any(bare.endswith(word) or bare.startswith(word) for word in known))
