"""English rules for what a publisher says about the text: comments, disclaimers, rights, credits, captions."""

from __future__ import annotations

from copydesk.core.rules.marks import CAPTION_WORDS, NETWORKS
from copydesk.core.rules.model import How, Rule, Where
from copydesk.models import RemovalReason

EN = ("en",)
_ABUSE = (
    "profanit\\w+|obscen\\w+|threats?|threatening|personal attacks?|abus\\w+|vulgar\\w*|racis[mt]\\w*|sexis[mt]\\w*|"
    "homophob\\w+|spam\\w*|hate speech|insult\\w*|troll\\w*|harass\\w+|defam\\w+|libel\\w*|slander\\w*|offensive|"
    "advertis\\w+|off-topic|name-calling|commercial"
)
_TEXT = "(?:story|article|report|post|piece|column|dispatch|interview|essay|commentary|analysis|project|content)"
_ROLE = (
    "(?:staff|freelance|senior|associate|deputy|managing|executive|contributing|political|national|legal|digital|"
    "investigative|former|veteran|award-winning|multimedia|general|assignment|breaking|news|business|sports?|health|"
    "science|technology|tech|white|house|congressional|foreign|diplomatic|chief|based|\\w+-based|london|the|our) "
)
_OCCUPATION = (
    "(?:writers?|reporters?|columnists?|correspondents?|contributors?|journalists?|editors?|editor-in-chief|"
    "editor-at-large|producers?|bloggers?|photographers?|bureau chief|commentators?|critics?|hosts?)"
)

RULES = (
    # Comments.
    Rule(
        id="en.comments",
        reason=RemovalReason.COMMENTS,
        languages=EN,
        pattern=(
            r"(?:(?:(?:\d[\d.,]{0,6}|no|view|show|read|see|all|load|hide|close|post|leave|add|write|submit|make|open|"
            r"click (?:here )?to|your|a|the|more|reader|readers'?|user|facebook|recent|be the first to|new|public) ){0,5}"
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
        yes=("What do you think of the plan? Let us know in the comments below.", "You must be logged in to post a comment.",
             "Share your thoughts in the comments", "Comment on our stories on our Facebook page"),
        no=("Do you have a right to silence? Courts have long been divided.", "Let us know peace, she wrote."),
    ),
    Rule(
        id="en.comment_policy",
        reason=RemovalReason.COMMENT_POLICY,
        languages=EN,
        pattern=(
            r"\bcomments? (?:\w+ ){0,3}?(?:that|which|are|is|may|will|must|should|do not|containing|including|policy|guidelines|"
            r"rules|posted|submitted|deemed|on (?:this|our))\b|\b(?:moderat|review|welcom|delet|remov|publish|edit|approv|encourag|"
            r"reserve)\w{0,4} (?:\w+ ){0,6}?comments?\b|\byour comments?\b|\bcommenters?\b",
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
             "Comments that break the rules will be removed. Please stay on topic."),
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
    # Disclaimers.
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
            r"\b(?:not (?:necessarily |always )?(?:reflect|represent|shared?|endorse|those of|that of|the views|the official)|"
            r"(?:sole|full|own) responsibility of|are the responsibility of|(?:solely|purely|entirely) (?:those|of|his|her|their)|are (?:those of|the) (?:the )?(?:"
            r"authors?|writers?|contributors?|columnists?|individual)|are (?:mine|my|his|hers?|theirs?)(?: own| alone)?(?:$| and|[.,])|author'?s? own|(?:author|writer)'s alone)",
        ),
        how=How.WITHIN,
        needs=("view", "opinion", "statement", "position", "content"),
        where=Where.ANYWHERE,
        max_words=90,
        yes=("The views expressed here are those of the author and do not necessarily reflect ours.",
             "Opinions are the sole responsibility of the writer.", "This is an opinion piece; the views are the author's own."),
        no=("His opinions are his own business, and the court did not ask.",
            "The views from the tower, the author writes, reflect the wealth of the city."),
    ),
    Rule(
        id="en.not_necessarily",
        reason=RemovalReason.DISCLAIMER,
        languages=EN,
        pattern=(
            r"\bnot necessarily (?:reflect|represent|those of|express|endorse|state)\b",
            r"\b(?:column|article|editorial|publication|website|site|blog|author|contributors?|contents?|publisher|newspaper)\b",
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
            r"\b(?:content|inaccura\w+|incorrect|errors?|omissions?|external|statements?|comments?|links?|accuracy|losses|"
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
            r"\b(?:(?:for|as) (?:general )?(?:information|informational|educational|entertainment)(?: \w+){0,4} (?:only|purposes)|"
            r"(?:not|nothing .{0,40}) (?:intended (?:as|to)|be (?:taken|construed|considered|treated|relied)|constitute|provide|a substitute|offer)"
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
        yes=("This site contains copyrighted material whose use was not authorized by the owner; we hold it to be fair use.",),
        no=("The singer owns the copyright material of her first album.",),
    ),
    Rule(
        id="en.affiliate",
        reason=RemovalReason.DISCLAIMER,
        languages=EN,
        pattern=(
            r"\b(?:we|i|us|our|this (?:post|article|page|site|story)|affiliate)\b",
            r"\b(?:earn|receive|get|make|paid|share|take|collect)\w*\b.{0,30}\b(?:commissions?|percentage|cut|share of|revenue|"
            r"compensation|fee)\b|\baffiliate (?:links?|partners?|commissions?|disclos\w+)",
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
            rf"\b(?:except for the headline|this|the) ?{_TEXT}?\b.{{0,50}}\b(?:been|was|is)\b.{{0,60}}\b(?:edited by|published from|"
            r"generated (?:by|from)|auto-?generated|translated (?:by|from|automatically)|syndicated|written by an? (?:ai|machine))",
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
    # Rights and origin.
    Rule(
        id="en.copyright",
        reason=RemovalReason.COPYRIGHT,
        languages=EN,
        pattern=(
            r"(?:all )?(?:contents? |text |images? |photos? )?(?:copyright|\(c\)|c\)|©)\s?(?:©|\(c\)|\d{4}|by\b|of\b|notice|policy|"
            r"information|:|$|[\w.,&' -]{1,60}\d{4}|[\w.,&' -]{1,60}all rights)|(?:©|\(c\)) ?.{1,80}$",
        ),
        how=How.START,
        max_words=80,
        yes=("Copyright © 2017 A Paper", "© 2020 The Paper. All rights reserved.", "Copyright The Paper, 2017", "(c) A Paper"),
        no=("Copyright law was changed last year", "Copyright holders demand more"),
    ),
    Rule(
        id="en.rights",
        reason=RemovalReason.COPYRIGHT,
        languages=EN,
        pattern=(
            r"\ball rights reserved\b|\b(?:may|must|can|should)(?: ?not|not) be (?:published|reproduced|republished|copied|"
            r"redistributed|broadcast|rewritten|reprinted|used without)|\b(?:reproduc|republish|redistribut|copying|copied|"
            r"reprint|repost|duplicat)\w{0,10}\b.{0,80}\b(?:without|prior|written|express)\b.{0,30}\b(?:permission|consent|"
            r"authori[sz]ation|approval)|\blicen[sc]ed under\b|creative commons|\bgrants? permission to\b|"
            r"\bfor (?:reprints?|syndication|licensing|republication)(?:,| (?:opportunit|inquir|enquir|permission|rights|requests|"
            r"information|contact|click|visit|please)|$)",
        ),
        how=How.WITHIN,
        needs=("rights reserved", "not be ", "reproduc", "republi", "redistribut", "copying", "copied", "reprint", "repost", "duplicat", "licen", "commons",
               "permission", "syndication"),
        where=Where.TAIL,
        max_words=90,
        yes=("All rights reserved.", "No part of this page may be copied without written permission.",
             "This text may not be reproduced.", "Licensed under Creative Commons BY 4.0", "For reprints, click here"),
        no=("The senators want no vote without their prior consent", "Cows cannot reproduce the feat.", "The treaty must be published by June."),
    ),
    Rule(
        id="en.origin",
        reason=RemovalReason.CREDIT,
        languages=EN,
        pattern=(
            rf"(?:the )?original (?:source|version|{_TEXT})(?: (?:of|for) (?:this|the) {_TEXT})?\s?(?:is|was|can be|appeared|:|by|at)|"
            rf"(?:an? (?:\w+ ){{0,2}}version of )?(?:this|the (?:following|above)) (?:\w+ )?{_TEXT} (?:was |is |has been |has |were )?"
            r"(?:also |originally |first |previously |being )*+(?:re)?(?:published|printed|posted|appeared|appears|written|produced|"
            rf"reported|co-published|shared|distributed|adapted|excerpted)\b|(?:re)?(?:published|printed|posted) (?:here )?"
            r"(?:from|with (?:the )?(?:kind )?permission|by permission|courtesy)|(?:originally |first )(?:published|appeared|posted)",
        ),
        how=How.START,
        max_words=45,
        yes=("The original source of this article is another paper", "This article was originally published by a magazine.",
             "Reprinted with permission from the author.", "A version of this story first appeared in print."),
        no=("The original version of the bill was milder", "Published reports say so", "This report was damning"),
    ),
    # Credits.
    Rule(
        id="en.contributed",
        reason=RemovalReason.CREDIT,
        languages=EN,
        pattern=(
            rf"\bcontribut(?:ed|ing|ion|e)\b(?: (?:reporting|research|writing|video|photos?))?(?: (?:to|for|from) (?:this|the|our) "
            rf"(?:\w+ )?{_TEXT}|.{{0,40}}\breporting\b)|^contributed\b.{{0,60}}$|\bprovided (?:additional )?(?:reporting|research)|"
            r"\breport(?:ing|ed) (?:for|on) this (?:story|article)\b.{0,80}\b(?:supported|funded)",
        ),
        how=How.WITHIN,
        needs=("contribut", "provided", "reporting for", "reported for"),
        max_words=50,
        yes=("Jane Doe contributed to this report.", "A news agency contributed reporting.", "contributed to this article.",
             "The desk writers A, B and C contributed to this story from Rome."),
        no=("Smoking contributed to his death.", "The senator contributed to the campaign."),
    ),
    Rule(
        id="en.reporting_by",
        reason=RemovalReason.CREDIT,
        languages=EN,
        pattern=(
            r"(?:additional |further |original |with |local |extra |more )*+(?:(?:reporting|reported|writing|written|editing|edited|"
            r"compiled|translated|translation|produced|production|graphics?|research|researched|interviewed|text|words|story|"
            r"video|audio|fact-checked|illustrations?|photography|transcribed|curated|reviewed|developed|data|headline)"
            r"(?:,? and |, |/| & | )?){1,3} ?by:? [^\W\d_]|(?:reporting|writing|editing|edited|editors?|compiled|"
            r"production|producers?|graphics?): [^\W\d_]",
        ),
        how=How.START,
        max_words=50,
        yes=("Reporting by A. Writer; editing by B. Editor", "(Reporting by A. Writer, with reporting by C.)", "Edited by: Jane Doe",
             "Written by Jane Doe"),
        no=("Reporting of crime rose", "Written rules exist", "Produced water is a by-product"),
    ),
    Rule(
        id="en.with_reporting",
        reason=RemovalReason.CREDIT,
        languages=EN,
        pattern=(
            r"with (?:additional |further )?(?:reporting|files|inputs?|agency|agencies|research(?: help)?|\w+ wires?|wires?|"
            r"wire reports?|reports?)\b(?:,? (?:and|from|by|in|inputs?|wires?|agenc\w+|reports?|services?) ?.{0,60})?",
        ),
        where=Where.END,
        max_words=14,
        yes=("With additional reporting from Paris", "With files from the wires", "With agency inputs", "With Post wires"),
        no=("With help from neighbours she rebuilt the house", "With reporters at the door, he left"),
    ),
    Rule(
        id="en.source_line",
        reason=RemovalReason.CREDIT,
        languages=EN,
        pattern=(r"(?:sources?|via|h/t|hat tip|reference|references|original)\s?: .{1,100}|source",),
        max_words=10,
        yes=("Source: a news agency", "SOURCE: Agencies", "Via: a blog"),
        no=("Sources: he was told on Monday that the deal, which took two years to make, was dead",),
    ),
    Rule(
        id="en.byline",
        reason=RemovalReason.BYLINE,
        languages=EN,
        pattern=(
            r"(?:By|BY|Written by|Posted by|Published by|Story by|Author|Reporter)\s?:? (?:[A-Z][\w.'-]{0,24},? ?){1,4}"
            r"(?:(?:and|&|AND) (?:[A-Z][\w.'-]{0,24},? ?){1,4})?(?:[|/(@,-] ?.{0,80})?",
        ),
        where=Where.HEAD,
        cased=True,
        max_words=16,
        yes=("By Jane Doe", "BY JANE DOE AND JOHN ROE", "By Jane Doe, Political Correspondent", "Posted by: Editor"),
        no=("By Monday the water had gone", "From Russia With Love is a good film and a better book"),
    ),
    Rule(
        id="en.more_by",
        reason=RemovalReason.BYLINE,
        languages=EN,
        pattern=(r"(?:more |all |view all |other |latest |read (?:more|all) |see (?:more|all) )*+(?:articles?|stories|posts?|content|columns|"
                 r"work|news) (?:by|from|in)\b(?! the (?:first|last))|about the authors?|view (?:full )?(?:bio|profile|all)",),
        how=How.START,
        max_words=9,
        yes=("Articles by: Jane Doe", "More stories by Jane Doe", "About the Author"),
        no=("Stories by the fire are a tradition in these hills and in many others",),
    ),
    Rule(
        id="en.bio",
        reason=RemovalReason.BYLINE,
        languages=EN,
        pattern=(
            rf"(?:[A-Z][\w.'-]{{0,24}} ){{2,4}}(?:(?:is|was|are|has been) (?:an? |the |our )?(?:{_ROLE}){{0,4}}"
            rf"(?:[\w-]+ ){{0,4}}(?:and )?(?:[\w-]+ ){{0,2}}{_OCCUPATION}\b|(?:covers|writes|reports) (?:about|on|for)\b)",
            rf"{_OCCUPATION} (?:for|at|with|based|in|on|covering|and|who|of|,)|(?i:follow|{NETWORKS}):? ?@|(?i:follow (?:him|her|them|\w+)) |(?:covers|writes|"
            r"reports) (?:about|on|for)|(?i:author of|her (?:latest|new|book|column)|his (?:latest|new|book|column))",
        ),
        how=How.START,
        where=Where.END,
        cased=True,
        max_words=80,
        yes=("Jane Doe is a staff writer for the paper.", "Jane Doe is a senior reporter covering health. Follow her @jdoe",
             "John Roe is the author of three books and a columnist at the paper."),
        no=("Jane Doe is a nurse who saw the crash.", "The town is a haven for writers."),
    ),
    # Captions.
    Rule(
        id="en.photo_credit",
        reason=RemovalReason.CAPTION,
        languages=EN,
        pattern=(
            r"(?:file |featured |cover |main |lead |banner |top |stock |header |press |ap |handout |representational |representative )*+"
            r"(?:photo(?:graph|s|graphs)?|images?|pictures?|pics?|illustrations?|graphics?|screenshots?|screen ?grabs?|artwork|"
            r"photographer|photography|infographic|credits?|courtesy|map|chart)"
            r"(?: ?(?:credits?|courtesy|source|caption|via|by|from|of|©))*+\s?(?:[:/|©]|-(?= )) ?\S|file(?: photo)?\s?[:|-] ?\S",
        ),
        how=How.START,
        max_words=CAPTION_WORDS,
        yes=("Photo: Jane Doe", "Image credit: an agency", "Featured image: A Paper", "FILE PHOTO: The hall.",
             "Photographer: Jane Doe/Agency", "Picture courtesy: a studio"),
        no=("Photos of the scene spread online", "Images show the damage", "Map makers disagree", "File sharing is legal",
            "Pictures: 1000 words each, she used to tell her students before each of the long walks that she took with them "
            "through the old town and down to the river and back"),
    ),
    Rule(
        id="en.photo_by",
        reason=RemovalReason.CAPTION,
        languages=EN,
        pattern=(
            r"(?:(?:featured |cover |main |lead |stock |all |file )*+(?:photo(?:graph|s|graphs)?|images?|pictures?|illustrations?|graphics?|videos?|"
            r"artwork|photography|credits?) )?(?:by|via|courtesy(?: of)?|provided by|supplied by|courtesy photo) \S.{1,60}",
            r"^(?:featured |cover |main |lead |stock |all |file )*+(?:photo|image|picture|illustration|graphic|video|artwork|credit|courtesy)",
        ),
        max_words=9,
        yes=("Photo by Jane Doe", "Courtesy of the museum", "Images courtesy of a studio", "Illustration by Jane Doe for the paper"),
        no=("Images from the crash show little", "Courtesy of the town they could all go there and drink as much as they liked", "By train"),
    ),
    Rule(
        id="en.file_photo",
        reason=RemovalReason.CAPTION,
        languages=EN,
        pattern=(r"(?:file (?:photo|pic|picture|image)|file -+|(?:-+ )?in this (?:[\w./-]+,? ){0,4}(?:photo|image|picture|"
                 r"frame grab|screengrab|handout)\b|(?:a|an) (?:undated )?(?:file|handout) (?:photo|picture|image)\b)",),
        how=How.START,
        max_words=CAPTION_WORDS,
        yes=("FILE PHOTO: A minister speaks in the hall", "FILE - In this May 1 file photo, a ship leaves port.",
             "In this image from video, a man walks."),
        no=("In this town photos are rare", "Filed away in 1970"),
    ),
    Rule(
        id="en.caption_end",
        reason=RemovalReason.CAPTION,
        languages=EN,
        pattern=(r"(?:\((?:ap |file |photo|image|picture|reuters|getty|courtesy|credit|handout)[^()]{0,80}|/ ?(?:file photo|handout|pool|"
                 r"file|afp|ap|getty(?: images)?|reuters)|\bvia (?:ap|getty images|reuters|afp)|(?<=\w )(?:/|\|) ?getty images|"
                 r"(?:photo|image|picture|file photo)(?: by|:) [^.]{3,50})$",),
        how=How.WITHIN,
        needs=("photo", "image", "picture", "getty", "reuters", "/ap", "/afp", "via ap", "pool", "handout", "courtesy", "credit",
               "(ap ", "/file", "/ ap"),
        max_words=CAPTION_WORDS,
        yes=("The minister leaves the hall. (Photo: A. Doe)", "Protesters on the bridge. A. Doe/Getty Images",
             "The hall on Monday (AP Photo/A. Doe)"),
        no=("He sold the photo.", "The sheriff took a picture", "See the images"),
    ),
    Rule(
        id="en.caption_words",
        reason=RemovalReason.CAPTION,
        languages=EN,
        pattern=(
            r"(?:(?:hide|toggle|show|view|read) (?:full )?caption|enlarge(?: this)? image|(?:click|tap) (?:image |photo )?to (?:enlarge|expand|"
            r"view)|open (?:image|gallery).{0,20}|(?:view |full |photo |picture )?(?:gallery|slideshow|slide show)|image|photo|"
            r"pullquote|pull quote|audio-clip|embed|caption|media caption|image caption|image copyright|image source|"
            r"(?:play|watch|pause|replay) (?:the )?(?:video|now|again)|watch|video playback.{0,60}|loading (?:video|player).{0,20}|"
            r"view (?:photos?|images?|gallery|slideshow)|prev(?:ious)? next)(?: \d{1,3})?",
        ),
        max_words=8,
        yes=("hide caption", "Enlarge this image", "[image]", "View Gallery", "Play Video"),
        no=("Image problems", "Video shows the chase"),
    ),
    Rule(
        id="any.name_agency",
        reason=RemovalReason.CAPTION,
        languages=("*",),
        pattern=(r"[A-Z][\w.'-]{0,20}(?: [A-Z][\w.'-]{0,20}){1,3} ?/ ?[A-Z][\w.'-]{1,20}(?: [A-Z][\w.'-]{1,20}){0,3}"
                 r"(?: ?/ ?[A-Z][\w. '-]{1,30})?",),
        cased=True,
        max_words=9,
        yes=("Jane Doe/Agency Pictures", "JANE DOE / AGENCY"),
        no=("AC/DC", "The vote was 12/3"),
    ),
)  # fmt: skip
