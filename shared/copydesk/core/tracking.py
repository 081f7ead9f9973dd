"""Parameters of URLs that say where a reader comes from, and never which text is shown: they are no part of an address.

One entry in the table for each that appends them. A name that may select content elsewhere stands there only with the hosts
that it is known of, or only with values that name a feed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple


class Tracker(NamedTuple):
    """Parameters that somebody appends to addresses."""

    names: tuple[str, ...]
    """In lower case; one that ends in ``*`` is a prefix."""
    of: str
    """Who appends them, and what for."""
    hosts: tuple[str, ...] = ()
    """Domains, with what lies below them; none: everywhere."""


TRACKERS: Final = (
    # Campaigns, as tools of analytics name them.
    Tracker(("utm_*",), "Google Analytics: campaign parameters"),
    Tracker(
        ("_ga", "_gl", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad_source", "gad_campaignid"),
        "Google Ads: clicks",
    ),
    Tracker(("srsltid",), "Google Merchant Center: clicks on results"),
    Tracker(
        (
            "mtm_*",
            "matomo_*",
            "pk_campaign",
            "pk_kwd",
            "pk_keyword",
            "pk_source",
            "pk_medium",
            "pk_content",
            "pk_cid",
            "piwik_*",
        ),
        "Matomo: campaigns",
    ),
    Tracker(
        (
            "at_campaign",
            "at_custom*",
            "at_medium",
            "at_link_*",
            "at_ptr_name",
            "at_bbc_team",
            "at_format",
            "at_creation",
            "xtor",
        ),
        "AT Internet (Piano): campaigns",
    ),
    Tracker(
        ("wt_mc", "wt_zmc", "wtmc", "wtrid", "wt.mc_id", "wt.mc_ev", "wt.rss_f", "wt.rss_a", "wt.rss_ev", "wt.tsrc"),
        "Webtrekk and Webtrends: campaigns",
    ),
    Tracker(("ns_campaign", "ns_mchannel", "ns_source", "ns_linkname", "ns_fee"), "comScore: campaigns"),
    Tracker(("s_cid", "cmpid"), "Adobe Analytics: campaigns"),
    Tracker(
        ("itm_campaign", "itm_medium", "itm_source", "itm_content", "itm_term"),
        "Google Analytics: campaigns within a site",
    ),
    Tracker(
        ("tracking_source", "otm_*", "hmb_campaign", "hmb_medium", "hmb_source"), "campaigns, after the manner of utm_"
    ),
    Tracker(("ncid",), "AOL and its sites: campaigns"),
    Tracker(("_openstat", "ysclid", "yclid"), "Yandex: clicks"),
    # Social networks.
    Tracker(
        (
            "fbclid",
            "fb_action_ids",
            "fb_action_types",
            "fb_source",
            "fb_ref",
            "action_object_map",
            "action_type_map",
            "action_ref_map",
        ),
        "Facebook: clicks",
    ),
    Tracker(("igshid", "igsh"), "Instagram: shares"),
    Tracker(("twclid", "ref_src", "ref_url", "__twitter_impression"), "Twitter: clicks and embeds"),
    Tracker(("ttclid", "tt_medium", "tt_content"), "TikTok: clicks"),
    Tracker(("li_fat_id",), "LinkedIn: clicks"),
    Tracker(("epik",), "Pinterest: clicks"),
    Tracker(("rdt_cid",), "Reddit: clicks"),
    Tracker(("msclkid",), "Microsoft Advertising: clicks"),
    # Mail.
    Tracker(("mc_cid", "mc_eid", "mc_tc"), "Mailchimp: campaigns and readers"),
    Tracker(("mkt_tok",), "Marketo: readers"),
    Tracker(("_hsenc", "_hsmi", "hsctatracking", "__hstc", "__hssc", "__hsfp"), "HubSpot: mails and readers"),
    Tracker(("vero_id", "vero_conv"), "Vero: readers"),
    Tracker(("oly_anon_id", "oly_enc_id"), "Omeda: readers"),
    Tracker(("ml_subscriber", "ml_subscriber_hash"), "MailerLite: readers"),
    Tracker(("ck_subscriber_id",), "ConvertKit: readers"),
    Tracker(("wickedid", "rb_clickid", "irclickid", "_kx"), "Wicked Reports, RedTrack, Impact, Klaviyo: clicks"),
    # Recommendations.
    Tracker(("tblci",), "Taboola: clicks"),
    Tracker(("dicbo", "oborigurl"), "Outbrain: clicks"),
    Tracker(("guccounter", "guce_referrer", "guce_referrer_sig"), "Yahoo: the way back from its consent wall"),
    # Feeds: that a link was found in one.
    Tracker(("rssfeed", "from_rss", "wprss"), "news sites: links in their feeds"),
    # Single sites: short names, which select content elsewhere.
    Tracker(("cmp",), "where a link stands", ("cbc.ca", "theguardian.com")),
    Tracker(("ito",), "where a link stands", ("dailymail.co.uk", "mailonline.com", "thisismoney.co.uk")),
    Tracker(("maca",), "where a link stands", ("dw.com",)),
    Tracker(("ana",), "where a link stands", ("bizjournals.com",)),
    Tracker(("smid", "smtyp", "emc", "partner"), "where a link stands", ("nytimes.com",)),
    Tracker(("mod",), "where a link stands", ("wsj.com", "barrons.com", "marketwatch.com")),
    Tracker(("itid", "tid"), "where a link stands", ("washingtonpost.com",)),
    Tracker(("ftag",), "where a link stands", ("cbsnews.com", "cnet.com", "zdnet.com")),
    Tracker(("feedtype", "feedname", "taid", "rpc"), "where a link stands", ("reuters.com",)),
    Tracker(("traffic_source",), "where a link stands", ("aljazeera.com", "aljazeera.net")),
    Tracker(("ocid", "cvid"), "where a link stands", ("msn.com",)),
    Tracker(("oc",), "where a link stands", ("news.google.com",)),
    Tracker(("feature", "si", "pp"), "where a link stands", ("youtube.com", "youtu.be")),
    Tracker(("spm",), "where a link stands", ("sohu.com",)),
)

FEED_NAMES: Final = (
    "ref",
    "referrer",
    "source",
    "src",
    "from",
    "via",
    "partner",
    "origin",
    "cmp",
    "cid",
    "emc",
    "ana",
    "medium",
    "campaign",
)
"""Names that say where a link stands if their value names a feed, and may say anything else if not."""

FEED_VALUES: Final = (
    "rss",
    "rss1",
    "rss2",
    "rssfeed",
    "rss_feed",
    "rss-feed",
    "rss-feeds",
    "rss_feeds",
    "atom",
    "newsfeed",
    "feedburner",
)


def _pattern(names: Iterable[str]) -> re.Pattern[str]:
    # A feed that escapes its links twice gives "&amp;utm_source".
    choices = (re.escape(name.removesuffix("*")) + (".*" if name.endswith("*") else "") for name in names)
    return re.compile(f"(?:amp;)?(?:{'|'.join(choices)})", re.IGNORECASE)


_EVERYWHERE: Final = _pattern(name for tracker in TRACKERS if not tracker.hosts for name in tracker.names)
_AT_HOST: Final = {
    host: _pattern(name for tracker in TRACKERS if host in tracker.hosts for name in tracker.names)
    for host in {host for tracker in TRACKERS for host in tracker.hosts}
}
_FEED_NAME: Final = _pattern(FEED_NAMES)


def without_tracking(host: str, query: str) -> str:
    """The query of a URL without parameters that say where its reader comes from; all others stay as they are.

    ``host`` is in lower case, as URLs of ``core.urls`` have it.
    """
    parts = query.split("&")
    own = _of_host(host)
    kept = [part for part in parts if not _is_tracking(part, own)]
    return query if len(kept) == len(parts) else "&".join(kept)


def _is_tracking(part: str, own: re.Pattern[str] | None) -> bool:
    name, _, value = part.partition("=")
    if _EVERYWHERE.fullmatch(name) or (own is not None and own.fullmatch(name)):
        return True
    return value.lower() in FEED_VALUES and _FEED_NAME.fullmatch(name) is not None


def _of_host(host: str) -> re.Pattern[str] | None:
    while host:
        if found := _AT_HOST.get(host):
            return found
        host = host.partition(".")[2]
    return None
