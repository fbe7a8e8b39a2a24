"""Which column of a source is the customer, the date, the amount: as told, else by the usual headers of some languages."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from goodwill.data.doubts.vocabulary import PIECE_PRICE, QUANTITY, UNIT_PRICE, header, is_named
from goodwill.errors import DataError, Unclear

ROLES = ("customer_id", "date", "amount", "quantity", "refunded", "order_id", "acquired")

# Headers compared after `_plain`: lower case, without blanks, underscores, hyphens and what stands in brackets.
_STRONG = {
    "customer_id": """customerid customer customerno customernumber customercode custid cust clientid client clientno userid user
        memberid member memberno buyerid buyer shopperid accountid householdid householdkey donorid cid uid
        客户编号 客户id 客户号 客户代码 客户编码 客户 会员编号 会员id 会员号 会员卡号 会员代码 会员 用户编号 用户id 用户号 用户
        买家id 买家编号 买家会员名 买家 顾客编号 顾客id 顾客号 顾客 客戶編號 會員編號""",
    "date": """date orderdate purchasedate transactiondate transdate invoicedate saledate salesdate orderedat purchasedat createdat datetime
        orderdatetime ordertime purchasetime transactiontime timestamp day paymentdate paydate
        日期 订单日期 购买日期 交易日期 下单日期 消费日期 付款日期 支付日期 销售日期 成交日期 下单时间 交易时间 购买时间 消费时间
        付款时间 支付时间 成交时间 订单时间 订单创建时间 订单付款时间 時間 下單時間""",
    "amount": """amount sales revenue total totalamount totalprice orderamount ordertotal ordervalue sale salesamount spend spent paid
        amountpaid purchaseamount transactionamount turnover monetaryvalue totalsales netsales grosssales subtotal linetotal paymentamount
        dollarvalue money
        金额 销售额 实付金额 订单金额 消费金额 交易金额 支付金额 付款金额 成交金额 销售金额 总金额 购买金额 实收金额 实际支付金额
        应付金额 总价 消费额 成交额 交易额 买家实际支付金额 金額 銷售額""",
    # of a randomised trial
    "arm": """arm trialarm testarm treatment treatmentarm treatmentgroup variant variation testgroup experimentgroup experimentalgroup
        abgroup abtestgroup abvariant condition testcell assignment
        组别 实验组别 试验组别 实验分组 试验分组 测试分组 分组 实验方案 處理組 組別 分組""",
    "propensity": """propensity propensityscore propensities probability prob assignmentprobability treatmentprobability chance
        分配概率 倾向得分 倾向性得分 概率 分配機率 機率""",
    "outcome": """outcome outcomes result response yvalue
        结果 实验结果 响应 結果""",
    "past_spend": """pastspend spendbefore prespend previousspend priorspend historicspend historicalspend pastsales salesbefore presales
        过去消费 历史消费 历史消费金额 以往消费 實驗前消費""",
    "segment": """segment segmentname customersegment 细分 客户细分 客群 分群 客户分群 细分市场 客戶分群""",
    "cost": """cost costs coststoserve costtoserve servicecost 成本 服务成本 费用 成本费用 服務成本""",
}
# Of other languages: taken when no column above is there.
_FOREIGN = {
    "customer_id": """kunde kundennummer kundennr kundenid kundeid kundencode kaufer debitor debitorennummer debitorennr clientid idclient
        numeroclient numclient codeclient nclient acheteur idcliente ncliente nocliente
        cliente clienteid numerocliente codigocliente codcliente comprador codicecliente
        acquirente codigodocliente klant klantnummer klantid klantnr""",
    "date": """datum kaufdatum bestelldatum rechnungsdatum verkaufsdatum buchungsdatum auftragsdatum belegdatum buchungstag datecommande
        dateachat datefacture datevente datedecommande datedachat datedefacture datedevente fecha fechapedido fechacompra fechaventa
        fechafactura fechadepedido fechadecompra fechadeventa fechadefactura data dataordine dataacquisto datafattura datavendita
        datapedido datacompra datavenda datadopedido datadacompra datadavenda besteldatum aankoopdatum factuurdatum verkoopdatum
        orderdatum""",
    "amount": """betrag umsatz summe gesamtbetrag rechnungsbetrag gesamtpreis bestellwert gesamtsumme verkaufsbetrag montant montantttc
        montanttotal chiffredaffaires prixtotal totalttc importe monto importetotal montototal total ventas importo importototale totale
        ricavo totaleordine valortotal valortotaldopedido montante bedrag totaalbedrag omzet totaal""",
    "arm": """testgruppe versuchsgruppe versuchsarm behandlung behandlungsgruppe variante bras groupetest groupedetest groupedetraitement
        traitement brazo grupodeprueba grupodetratamiento tratamiento braccio gruppoditest gruppoditrattamento trattamento braco
        grupodeteste grupodetratamento tratamento testgroep behandeling behandelgroep""",
    "propensity": """wahrscheinlichkeit zuteilungswahrscheinlichkeit probabilite probabilitedaffectation probabilidad
        probabilidaddeasignacion probabilita probabilidade kans waarschijnlijkheid""",
    "outcome": """ergebnis zielgrosse resultat reponse resultado respuesta risultato risposta resposta resultaat uitkomst""",
    "past_spend": """umsatzvorher fruhererumsatz umsatzdavor depensespassees depensepassee gastoprevio gastoanterior spesapassata
        spesaprecedente gastopassado eerdereuitgaven eerdereomzet""",
    "segment": """kundensegment segmentclient segmento segmentocliente segmentoclienti klantsegment""",
    "cost": """kosten servicekosten cout couts coutdeservice costo costos coste costes costi custo custos""",
}
# Taken only when no column above is there: these words also name other things.
_WEAK = {
    "amount": "value price 价格 价钱 实付 preis prix precio prezzo preco prijs valor",
    "date": "time 时间",
    "customer_id": "",
    "arm": "group cell offer gruppe angebot groupe offre grupo oferta gruppo offerta groep aanbod 方案",
    "propensity": "p share anteil",
    "outcome": """y spend spent revenue sales amount conversion converted umsatz kauf depense achat gasto compra spesa acquisto
        omzet aankoop 消费 消费金额 销售额 转化""",
}
# Words in a header that speak against a role, when the nearest header is looked for.
_OTHER = {
    "customer_id": r"order|invoice|transaction|product|item|sku|session|event|line|row|receipt|basket|date|time|price|bestell|rechnung|"
    r"artikel|produ|commande|facture|pedido|订单|商品|产品",
    "date": r"update|birth|deliver|ship|due|geburt|liefer|naiss|nacim",
    "amount": r"\bid\b|count|quantity|tax|discount|shipping|ship|steuer|versand|rabatt",
}


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-./'°]", "", header(name))


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(repr(c) for c in columns[:40]) + (f" and {len(columns) - 40} more" if len(columns) > 40 else "")


def named_column(parameter: str, name: str, columns: Sequence[str], where: str) -> str:
    """The column that the caller named, or an error with the nearest names."""
    if name in columns:
        return name
    if name.strip() in columns:
        return name.strip()
    by_case = {c.casefold(): c for c in columns}
    near = [by_case[c] for c in difflib.get_close_matches(name.strip().casefold(), list(by_case), n=2, cutoff=0.5)]
    hint = f" Did you mean {parameter}={near[0]!r}?" if near else ""
    raise DataError(f"{where} has no column {name!r} ({parameter}={name!r}).{hint} Its columns are {_listed(columns)}.")


def _recognised(role: str, columns: Sequence[str], where: str) -> str | None:
    """The one column whose header is usual for this role; None when there is none, an error when there are several."""
    found = usual_header(role, columns)
    if len(found) > 1:
        raise Unclear(
            f"{where} has several columns that could be the {role}: {_listed(found)}. Say which, such as {role}={found[0]!r}.",
            {role: found[0]},
        )
    return found[0] if found else None


def usual_header(role: str, columns: Sequence[str]) -> list[str]:
    """The columns whose header is usual for this role, the most usual first; only the one that has its name where there is one.

    Examples
    --------
    >>> usual_header("arm", ["Kunde", "Testgruppe", "group"]), usual_header("arm", ["group", "segment"]), usual_header("arm", ["x"])
    (['Testgruppe'], ['group'], [])
    """
    if role in columns:
        return [role]
    for words in (_STRONG.get(role, ""), _FOREIGN.get(role, ""), _WEAK.get(role, "")):
        known = words.split()
        found = [c for c in columns if _plain(c) in known]
        if found:
            return sorted(found, key=lambda c: (known.index(_plain(c)), columns.index(c)))
    return []


def match_columns(columns: Sequence[str], told: Mapping[str, str | None], where: str) -> dict[str, str]:
    """Map canonical names to the columns of a source.

    Parameters
    ----------
    columns : sequence of str
        Columns of the source, in its order.
    told : mapping
        What the caller said for the roles; None or "" means automatic for `customer_id`, `date` and `amount`, absent for the others.
    where : str
        Name of the source, for the messages.

    Returns
    -------
    dict
        Canonical name to column; without `amount` when no column is named so.

    Raises
    ------
    DataError
        A column is missing, ambiguous or named wrongly; lists the columns found and the parameter to use.

    Examples
    --------
    >>> match_columns(["会员号", "下单时间", "实付金额"], {}, "sales.csv")
    {'customer_id': '会员号', 'date': '下单时间', 'amount': '实付金额'}
    """
    mapping: dict[str, str] = {}
    free = list(columns)
    for role in ROLES:
        if name := told.get(role):
            mapping[role] = named_column(role, name, columns, where)
    if len(set(mapping.values())) < len(mapping):
        twice = next(c for c in mapping.values() if list(mapping.values()).count(c) > 1)
        raise DataError(f"Column {twice!r} of {where} is named for two things: {', '.join(r for r, c in mapping.items() if c == twice)}.")
    free = [c for c in columns if c not in mapping.values()]
    for role in ("customer_id", "date", "amount"):
        if role in mapping:
            continue
        found = _recognised(role, free, where)
        if found is not None:
            mapping[role] = found
        elif role != "amount":
            raise _missing(role, columns, where)
    _check_pieces(mapping, told, free, where)
    return {role: mapping[role] for role in ROLES if role in mapping}


def pieces_in(columns: Sequence[str]) -> str:
    """The column with a number of pieces; "" without one, or with several."""
    found = [c for c in columns if is_named(c, QUANTITY) or (_plain(c).startswith("lineitem") and is_named(c[len("lineitem") :], QUANTITY))]
    return found[0] if len(found) == 1 else ""


def is_piece_price(name: str) -> bool:
    """Whether a header may name the price of one piece."""
    return is_named(name, UNIT_PRICE) or is_named(name, PIECE_PRICE)


def _check_pieces(mapping: Mapping[str, str], told: Mapping[str, str | None], free: Sequence[str], where: str) -> None:
    """Ask where the money of a row may be the price of one piece times their number."""
    pieces = pieces_in([c for c in free if c not in mapping.values()])
    if mapping.get("quantity") or not pieces:
        return
    if "amount" not in mapping:
        prices = [c for c in free if is_named(c, UNIT_PRICE)]
        if len(prices) == 1:
            raise Unclear(
                f"No column of {where} is recognised as the amount, and the money of a row may be {prices[0]!r} times {pieces!r}. "
                f"Pass amount={prices[0]!r} and quantity={pieces!r} for their product, or amount= for another column.",
                {"amount": prices[0], "quantity": pieces},
            )
    elif not told.get("amount") and is_piece_price(mapping["amount"]):
        raise Unclear(
            f"Column {mapping['amount']!r} of {where} stands beside a quantity and may be the price of one piece. "
            f"Pass amount={mapping['amount']!r} if it is the money of the row, and quantity={pieces!r} too for their product.",
            {"amount": mapping["amount"], "quantity": pieces},
        )


def _missing(role: str, columns: Sequence[str], where: str) -> DataError:
    known = f"{_STRONG[role]} {_FOREIGN[role]} {'id' if role == 'customer_id' else ''}".split()
    likely = _nearest(role, known, columns)
    hint = f" Did you mean {role}={likely!r}?" if likely else ""
    if columns and all(re.fullmatch(r"[\d\s.,:/¥$€年月日-]*", str(c)) for c in columns):
        likely, hint = "", " Its first line seems to hold data: add a line with the names of the columns."
    said = f"{where} has no column that is recognised as the {role}; say which with {role}=.{hint} Its columns are {_listed(columns)}."
    return Unclear(said, {role: likely}) if likely else DataError(said)


def _nearest(role: str, known: Sequence[str], columns: Sequence[str]) -> str:
    """The header most like the usual ones that does not name something else; "" without one."""
    scores = {}
    for column in columns:
        bare = _plain(column)
        if bare and not re.search(_OTHER[role], header(column)):
            near = difflib.get_close_matches(bare, known, n=1, cutoff=0.7)
            ratio = difflib.SequenceMatcher(None, bare, near[0]).ratio() if near else 0.0
            scores[column] = max(ratio, 0.75 if _holds_word(role, bare) else 0.0)
    best = max(scores, key=lambda column: scores[column], default="")
    return best if best and scores[best] > 0 else ""


def _holds_word(role: str, bare: str) -> bool:
    """Whether a header holds a word that speaks for the role, such as "emailaddress" for the customer."""
    words = {
        "customer_id": r"customer|client|user|member|buyer|mail|kunde|cliente|klant|person|account|phone|telefon|loyalty|客户|会员|用户",
        "date": r"date|datum|time|fecha|日期|时间|created|tag$",
        "amount": r"amount|total|paid|spend|revenue|sales|betrag|umsatz|montant|importe|金额",
    }
    return bool(re.search(words[role], bare))
