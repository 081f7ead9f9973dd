"""English rules for what a publisher says about a text: comments, disclaimers, rights, origin."""

from __future__ import annotations

from copydesk.core.rules.model import How, Rule, Where
from copydesk.models import RemovalReason

EN = ("en",)
_ABUSE = (
    "profanit\\w+|obscen\\w+|threats?|threatening|personal attacks?|abus\\w+|vulgar\\w*|racis[mt]\\w*|sexis[mt]\\w*|"
    "homophob\\w+|spam\\w*|hate speech|insult\\w*|troll\\w*|harass\\w+|defam\\w+|libel\\w*|slander\\w*|offensive|"
    "advertis\\w+|off-topic|name-calling|commercial"
)
_TEXT = "(?:story|article|report|post|piece|column|dispatch|interview|essay|commentary|analysis|project|content)"

RULES = (
    Rule(
        id="en.comments",
        reason=RemovalReason.COMMENTS,
        languages=EN,
        pattern=(
            r"(?:(?:(?:\d[\d.,]{0,6}|no|view|show|read|see|all|load|hide|close|post|leave|add|write|submit|make|open|"
            r"click (?:here )?to|your|a|the|more|reader|readers'?|user|facebook|recent|be the first to|new|"
            r"public) ){0,5}"
            r"(?:comments?|repl(?:y|ies)|commenting)(?: ?\(?\d{1,6}\)?)?(?: ?(?:rules|policy|guidelines|section|"
            r"are closed|closed|off|disabled|now|here|below|so far|yet|on this (?:story|article|post)))?|"
            r"(?:join|start|continue) (?:in )?(?:on )?(?:the |our )?(?:conversation|discussion|debate)|"
            r"have your say|talkback|sort by|discuss(?: this)?|leave a (?:reply|response)|tell us what you think)",
        ),
        max_words=9,
        yes=("Comments", "No comments:", "Post a Comment", "View 12 comments", "Join the conversation", "Leave a Reply",
             "Be the first to comment", "Comments are closed"),
        no=("No comment was available from the ministry", "Reader comments on the plan were mostly hostile",
            "Discussion"),
    ),
    Rule(
        id="en.comment_call",
        reason=RemovalReason.COMMENTS,
        languages=EN,
        pattern=(
            r"(?:what (?:do|did) you (?:think|make)|do you (?:agree|have|think)|let us know|tell us|share your|"
            r"sound off|(?:please )?(?:leave|add|post|drop|join|write|weigh|comment|discuss|voice|got|have|to (?:leave|"
            r"post|comment|reply)|you (?:must|need to) be|log ?in|sign ?in|register|agree|send us|click)\b)",
            r"comments? (?:below|section|here|box|thread)|(?:the|a|your|first) comments?$|in the comments|"
            r"to (?:leave|post|add|make|submit|view|read) (?:a |your |the )?comments?|(?:join|in) the conversation|"
            r"(?:thoughts|views|opinions?|reactions?) (?:below|in|with us|on)|to (?:comment|reply)\b|comment policy|"
            r"logged ?in|on our (?:facebook|twitter|social)",
        ),
        how=How.START,
        max_words=40,
        yes=(
            "What do you think of the plan? Let us know in the comments below.",
            "You must be logged in to post a comment.",
             "Share your thoughts in the comments", "Comment on our stories on our Facebook page"),
        no=("Do you have a right to silence? Courts have long been divided.", "Let us know peace, she wrote."),
    ),
    Rule(
        id="en.comment_policy",
        reason=RemovalReason.COMMENT_POLICY,
        languages=EN,
        pattern=(
            r"\bcomments? (?:\w+ ){0,3}?(?:that|which|are|is|may|will|must|should|do not|containing|including|policy|"
            r"guidelines|"
            r"rules|posted|submitted|deemed|on (?:this|our))\b|\b(?:moderat|review|welcom|delet|remov|publish|edit|"
            r"approv|encourag|"
            r"reserve)\w{0,4} (?:\w+ ){0,6}?comments?\b|\byour comments?\b|\bcommenters?\b|\bkeep (?:all )?comments\b",
            r"\b(?:our|your|you|please)\b|\bare (?:pre-)?moderated|responsibility of (?:the|those)|(?:may|will) be "
            r"(?:removed|deleted|rejected|edited|moderated|published)|do not (?:necessarily )?(?:reflect|represent)",
            r"\b(?:moderat\w+|guidelines|abusive|offensive|respectful|civil(?:ity|ly)?|approv(?:ed|al)|reject(?:ed|s)?|"
            r"deleted|removed|publication|(?:house|community|comment) (?:standards|rules|policy)|terms (?:of|and)|"
            r"profanity|registered|sign in|log ?in|on topic|spam|views expressed|responsible)\b",
        ),
        how=How.WITHIN,
        needs=("comment",),
        where=Where.TAIL,
        max_words=150,
        yes=("We moderate every comment on our site; please keep to the community guidelines.",
             "Comments are moderated and will be published after review if your tone is civil.",
             "To be published, your comments must meet our guidelines.",
             "Comments that break the rules will be removed. Please stay on topic.",
             "Please keep comments short and civil."),
        no=("The minister refused to comment on the report, which was removed from the site.",
            "Her comments were offensive, the party said."),
    ),
    Rule(
        id="en.conduct",
        reason=RemovalReason.COMMENT_POLICY,
        languages=EN,
        pattern=(
            rf"\b(?:{_ABUSE})\b.{{0,60}}\b(?:{_ABUSE})\b",
            r"\b(?:we|please|you|your|our|users?|posts?|readers|submissions)\b",
            r"\b(?:not (?:be )?(?:tolerated?|accept(?:ed)?|allow(?:ed)?|permit(?:ted)?|post|published)|avoid|refrain|"
            r"prohibited|forbidden|free of|removed|deleted|banned|no place|do not post|rejected)\b",
        ),
        how=How.WITHIN,
        needs=("tolerat", "accept", "allow", "permit", "avoid", "refrain", "prohibit", "forbid", "free of", "remov",
               "delet", "ban", "post", "reject"),
        where=Where.END,
        max_words=120,
        yes=("We do not tolerate insults, threats or spam.", "Please refrain from personal attacks and name-calling.",
             "Posts with obscenities, abuse or advertising are removed."),
        no=("Insults and threats followed, and three deputies were removed from the chamber.",),
    ),
    Rule(
        id="en.disclaimer",
        reason=RemovalReason.DISCLAIMER,
        languages=EN,
        pattern=(r"(?:legal |important |general )?(?:disclaimers?|disclosures?|legal notice)\s?(?:[:.-]|$)",),
        how=How.START,
        max_words=400,
        yes=("Disclaimer: the author holds no shares.", "DISCLAIMER", "Disclosure - we were guests of the maker."),
        no=("Disclosures about the budget have rattled the party.",),
    ),
    Rule(
        id="en.views",
        reason=RemovalReason.DISCLAIMER,
        languages=EN,
        pattern=(
            r"\b(?:views?|opinions?|statements|positions?|content)\b",
            r"\b(?:express|author|writer|contributor|columnist|own|solely|alone|belong|contained|presented)\w*\b",
            r"\b(?:not (?:necessarily |always )?(?:reflect|represent|shared?|endorse|those of|that of|the views|"
            r"the official)|"
            r"(?:sole|full|own) responsibility of|are the responsibility of|(?:solely|purely|entirely) (?:those|of|his|"
            r"her|their)|are (?:those of|the) (?:the )?(?:"
            r"authors?|writers?|contributors?|columnists?|individual)|are (?:mine|my|his|hers?|theirs?)(?: own|"
            r" alone)?(?:$| and|[.,])|author'?s? own|(?:author|writer)'s alone)",
        ),
        how=How.WITHIN,
        needs=("view", "opinion", "statement", "position", "content"),
        where=Where.ANYWHERE,
        max_words=90,
        yes=("The views expressed here are those of the author and do not necessarily reflect ours.",
             "Opinions are the sole responsibility of the writer.",
             "This is an opinion piece; the views are the author's own."),
        no=("His opinions are his own business, and the court did not ask.",
            "The views from the tower, the author writes, reflect the wealth of the city."),
    ),
    Rule(
        id="en.not_necessarily",
        reason=RemovalReason.DISCLAIMER,
        languages=EN,
        pattern=(
            r"\bnot necessarily (?:reflect|represent|those of|express|endorse|state)\b",
            r"\b(?:column|article|editorial|publication|website|site|blog|author|contributors?|contents?|publisher|"
            r"newspaper)\b",
        ),
        how=How.WITHIN,
        needs=("not necessarily",),
        max_words=90,
        yes=("This column does not necessarily represent the opinion of the editorial board.",),
        no=("The prices do not necessarily reflect demand, the bank said.",),
    ),
    Rule(
        id="en.no_liability",
        reason=RemovalReason.DISCLAIMER,
        languages=EN,
        pattern=(
            r"not (?:be )?(?:held )?(?:responsible|liable|accept (?:any )?(?:responsibility|liability)|assume)\b.{0,80}"
            r"\b(?:content|inaccura\w+|incorrect|errors?|omissions?|external|statements?|comments?|links?|accuracy|"
            r"losses|"
            r"third[- ]party)\b",
            r"\b(?:articles?|sites?|websites?|page|information|links|publisher|content|comments)\b",
        ),
        how=How.WITHIN,
        needs=("responsib", "liab", "assume"),
        where=Where.TAIL,
        max_words=300,
        yes=("The publisher is not responsible for the content of external sites.",
             "We cannot be held liable for errors or omissions on this page."),
        no=("He was not held responsible for the crash.",),
    ),
    Rule(
        id="en.no_advice",
        reason=RemovalReason.DISCLAIMER,
        languages=EN,
        pattern=(
            r"\b(?:(?:for|as) (?:general )?(?:information|informational|educational|"
            r"entertainment)(?: \w+){0,4} (?:only|purposes)|"
            r"(?:not|nothing .{0,40}) (?:intended (?:as|to)|be (?:taken|construed|considered|treated|relied)|"
            r"constitute|provide|a substitute|offer)"
            r".{0,60}\b(?:advice|recommendation|diagnosis|solicitation|endorsement))\b",
            r"\b(?:advice|purposes|recommendation|endorsement|solicitation|professional|only)\b",
        ),
        how=How.WITHIN,
        needs=("advice", "purposes", " only", "recommendation", "endorse"),
        where=Where.TAIL,
        max_words=200,
        yes=("This text is for informational purposes only and is not financial advice.",
             "Nothing here should be construed as medical advice."),
        no=("She gave no advice.", "The shelter is for educational staff."),
    ),
    Rule(
        id="en.fair_use",
        reason=RemovalReason.COPYRIGHT,
        languages=EN,
        pattern=(
            r"\bcopyright(?:ed)? (?:material|content|owner|holder|work|law)",
            r"\b(?:fair (?:use|dealing)|permission|authori[sz]ed|infring\w+)\b",
            r"\b(?:this (?:site|website|page|blog)|we|our|you|contains?)\b",
        ),
        how=How.WITHIN,
        needs=("copyright",),
        where=Where.TAIL,
        max_words=300,
        yes=(
            "This site contains copyrighted material whose use was not authorized by the owner; we hold it to be fair use.",),
        no=("The singer owns the copyright material of her first album.",),
    ),
    Rule(
        id="en.affiliate",
        reason=RemovalReason.DISCLAIMER,
        languages=EN,
        pattern=(
            r"\b(?:we|i|us|our|this (?:post|article|page|site|story|blog)|some links)\b",
            r"\b(?:earn|receive|get|make|paid|share|take|collect)\w*\b.{0,30}\b(?:commissions?|percentage|cut|share of|"
            r"revenue|"
            r"compensation|fee)\b|\b(?:contains?|includes?|uses?|may be|are|has|have|"
            r"some)\b.{0,20}\baffiliate (?:links?|partners?)|"
            r"\baffiliate disclos\w+",
            r"\b(?:links?|buy|purchases?|sales?|affiliate|products?|retailers?|sold)\b",
        ),
        how=How.WITHIN,
        needs=("commission", "affiliate", "share of", "percentage", "a cut", "compensation", "revenue"),
        max_words=90,
        yes=("If you buy something through our links we may earn a commission.", "This post contains affiliate links."),
        no=("The dealers earn a commission on each sale, the police said.",),
    ),
    Rule(
        id="en.agency_feed",
        reason=RemovalReason.DISCLAIMER,
        languages=EN,
        pattern=(
            rf"\b(?:except for the headline|this|the) ?{_TEXT}?\b.{{0,50}}\b(?:been|was|is)\b.{{0,60}}\b(?:edited by|"
            rf"published from|"
            r"generated (?:by|from)|auto-?generated|translated (?:by|from|automatically)|syndicated|"
            r"written by an? (?:ai|machine))",
            r"\b(?:staff|feeds?|agency|wire|automatically|algorithm|machine|ai|syndicat\w+|software)\b",
        ),
        how=How.WITHIN,
        needs=("feed", "agency", "wire", "automatic", "algorithm", "machine", "syndicat", "staff", "software"),
        max_words=45,
        yes=("This story has been published from a wire feed without changes.",
             "Except for the headline, this report has not been edited by our staff."),
        no=("This law has been published from day to day.",),
    ),
    Rule(
        id="en.solely_responsible",
        reason=RemovalReason.DISCLAIMER,
        languages=EN,
        pattern=(r"\bsolely responsible for (?:all|the|this|its|any) (?:content|article|views|opinions)",),
        how=How.WITHIN,
        needs=("solely responsible",),
        max_words=60,
        yes=("The newsroom is funded by a foundation. It is solely responsible for all content.",),
        no=("He is solely responsible for the loss.",),
    ),
    Rule(
        id="en.copyright",
        reason=RemovalReason.COPYRIGHT,
        languages=EN,
        pattern=(
            r"(?:all )?(?:contents? |text |images? |photos? )?(?:copyright|\(c\)|c\)|©)\s?(?:©|\(c\)|\d{4}|by\b|of\b|"
            r"notice|policy|"
            r"information|:|$|[\w.,&' -]{1,60}\d{4}|[\w.,&' -]{1,60}all rights)|(?:©|\(c\)) ?.{1,80}$",
        ),
        how=How.START,
        max_words=80,
        yes=(
            "Copyright © 2017 A Paper", "© 2020 The Paper. All rights reserved.", "Copyright The Paper, 2017",
            "(c) A Paper"),
        no=("Copyright law was changed last year", "Copyright holders demand more"),
    ),
    Rule(
        id="en.rights",
        reason=RemovalReason.COPYRIGHT,
        languages=EN,
        pattern=(
            r"\ball rights reserved\b|\b(?:may|must|can|should)(?: ?not|not) be (?:published|reproduced|republished|"
            r"copied|"
            r"redistributed|broadcast|rewritten|reprinted|used without)|\b(?:reproduc|republish|redistribut|copying|"
            r"copied|"
            r"reprint|repost|duplicat)\w{0,10}\b.{0,80}\b(?:without|prior|written|express)\b.{0,30}\b(?:permission|"
            r"consent|"
            r"authori[sz]ation|approval)|\blicen[sc]ed under\b|creative commons|\bgrants? permission to\b|"
            r"^for (?:reprints?|syndication|licensing|republication)\b",
        ),
        how=How.WITHIN,
        needs=(
            "rights reserved", "not be ", "reproduc", "republi", "redistribut", "copying", "copied", "reprint",
            "repost", "duplicat", "licen", "commons",
               "permission", "syndication"),
        where=Where.END,
        max_words=60,
        yes=("All rights reserved.", "No part of this page may be copied without written permission.",
             "This text may not be reproduced.", "Licensed under Creative Commons BY 4.0", "For reprints, click here"),
        no=(
            "The senators want no vote without their prior consent", "Cows cannot reproduce the feat.",
            "The treaty must be published by June."),
    ),
    Rule(
        id="en.origin",
        reason=RemovalReason.CREDIT,
        languages=EN,
        pattern=(
            rf"(?:the )?original (?:source|version|{_TEXT})(?: (?:of|for) (?:this|the) {_TEXT})?\s?(?:is|was|can be|"
            rf"appeared|:|by|at)|"
            rf"(?:an? (?:\w+ ){{0,2}}version of )?(?:this|the (?:following|above)) (?:\w+ )?{_TEXT} (?:was |is |"
            rf"has been |has |were )?"
            r"(?:also |originally |first |previously |being )*+(?:re)?(?:published|printed|posted|appeared|appears|"
            r"written|produced|"
            rf"reported|co-published|shared|distributed|adapted|excerpted)\b|(?:re)?(?:published|printed|"
            rf"posted) (?:here )?"
            r"(?:from|with (?:the )?(?:kind )?permission|by permission|courtesy)|(?:originally |first )(?:published|"
            r"appeared|posted)",
        ),
        how=How.START,
        max_words=32,
        yes=(
            "The original source of this article is another paper",
            "This article was originally published by a magazine.",
             "Reprinted with permission from the author.", "A version of this story first appeared in print."),
        no=("The original version of the bill was milder", "Published reports say so", "This report was damning"),
    ),
)  # fmt: skip
