"""English rules for what a publisher wants of the reader: newsletters, apps, sharing, contact, money, ads."""

from __future__ import annotations

from copydesk.core.rules.marks import NETWORKS
from copydesk.core.rules.model import How, Rule, Where
from copydesk.models import RemovalReason

EN = ("en",)
_LETTER = (
    "(?:newsletters?|e-?mails?|in-?box|mailing list|alerts?|updates?|digest|briefings?|bulletins?|notifications?|"
    "round-?up|"
    "podcasts?)"
)
_MAIL = "(?:newsletters?|e-?mails?|in-?box|mailing list|alerts|digest|bulletins?|notifications?)"

RULES = (
    Rule(
        id="en.newsletter_heading",
        reason=RemovalReason.NEWSLETTER,
        languages=EN,
        pattern=(
            r"(?:[\w'&.-]+ ){0,5}newsletters?(?: (?:sign[- ]?up|subscription|form|preferences|of the day|here|now))?|"
                 r"(?:get )?(?:[\w'&.-]+ ){1,4}(?:in|to) your in-?box|"
                 r"(?:sign ?up|subscribe|register|join)(?: (?:here|now|today|below|free|for free|us|in|to us|"
                 r"and save)){0,3}|(?:enter )?(?:your )?"
                 r"e-?mail(?: address)?(?: \(required\))?|zip code|stay (?:connected|informed|updated|tuned|"
                 r"in touch)|(?:want|get) more\??",),
        max_words=6,
        yes=(
            "Newsletter Sign-up", "The Morning Newsletter", "Subscribe", "Sign up here.", "Stay connected",
            "Your email address"),
        no=("He read the newsletters aloud to the whole class", "Join hands"),
    ),
    Rule(
        id="en.newsletter",
        reason=RemovalReason.NEWSLETTER,
        languages=EN,
        pattern=(
            r"(?:(?:click|tap)(?: here)? to |please |don't forget to |why not )?(?:sign(?:ing)? ?-?up|subscrib\w+|"
            r"register|join|get|want|"
            r"receive|enter your|don't miss|stay|keep|never miss|be the first|like what|enjoy|looking for|let our|"
            r"start your|follow|"
            r"delivered|daily|weekly|(?:every|each) (?:day|week|weekday|morning|month)|thanks?|this is|our|catch|"
            r"download|listen|tune)\b",
            rf"\b{_LETTER}\b|\bsubscri\w+|\bsign up (?:here|now|today|below|$)|\b(?:join|follow) (?:us|our)\b|"
            rf"\bapple podcasts\b",
            r"\bsign[ -]?up(?: (?:here|now|today|below|for|to|and|at|free)\b|$|\W)|\bsubscribe(?: (?:to (?:our|the|my|"
            r"this|us)|here|now|today|for|via|"
            r"on|below|free|and)\b|$|\W)|^subscribe to\b|\byour (?:in-?box|e-?mail|phone|letterbox|door|doorstep|"
            r"device)|"
            rf"\b(?:get|receive|want|join|enter|click|keep an eye on)\b.{{0,60}}\b{_MAIL}\b|\bregister (?:here|now|"
            rf"for)\b",
        ),
        how=How.START,
        max_words=50,
        yes=(
            "Sign up for our newsletter and get the news every morning.",
            "Get the top headlines delivered to your inbox daily.",
             "Want more? Subscribe to our podcast on Apple Podcasts.",
             "Keep an eye on your inbox for the latest."),
        no=(
            "Each day this week the mayor has delivered a briefing.", "Get up, she said.",
            "The party sent e-mails to its members.", "Daily updates from the front were rare.",
            "The firm let users sign up by phone, a court heard."),
    ),
    Rule(
        id="en.newsletter_words",
        reason=RemovalReason.NEWSLETTER,
        languages=EN,
        pattern=(
            r"\bby (?:signing up|subscribing|submitting|registering|clicking|entering)\b.{0,60}\byou (?:agree|consent|"
            r"accept)\b|"
            r"\bthis site is protected by\b|\bsubscribe to\b.{0,60}\bnewsletters?\b|\bunsubscribe (?:at )?any ?time|"
            r"\b(?:sign up|subscribe) (?:here|now|today|below)\b|"
            r"\b(?:delivered|straight|direct(?:ly)?|right|sent|daily|weekly|news|mornings?|stories|updates?|get|"
            r"congress|letter)\b.{0,40}"
            r"\b(?:in|to|into) your inbox\b|\bsign up for (?:our|the|a|free|my|breaking|daily|weekly)\b.{0,60}"
            rf"\b{_LETTER}|\bsubscribe to (?:our|the|my|this)\b.{{0,60}}\b(?:{_LETTER}|channel|feed)|\bagree to (?:our|"
            rf"the) (?:terms|privacy)|"
            r"\bjoin our (?:\w+ )?(?:mailing list|newsletter|facebook|telegram|whatsapp|discord|community|slack)\b",
        ),
        how=How.WITHIN,
        needs=(
            "you agree", "you consent", "you accept", "agree to", "protected by", "unsubscribe", "sign up",
            "subscribe", "your inbox",
               "join our"),
        max_words=50,
        yes=(
            "By signing up, you agree to our terms.", "This site is protected by a captcha.",
            "Our best stories, straight to your inbox.",
             "The Daily is a free newsletter. Sign up here."),
        no=("Workers may sign up for a free course", "The agency will subscribe to the loan"),
    ),
    Rule(
        id="en.get_news",
        reason=RemovalReason.NEWSLETTER,
        languages=EN,
        pattern=(
            r"(?:get|(?:looking for .{0,30} to )?catch up on|(?:looking for .{0,30} to )?keep up with|stay on top of|"
            r"receive|never miss|be the first to know|follow|don't miss|stay up[ -]to[ -]date)\b"
            r"(?: with| on)?(?: (?:the|all|all the|our|more|some of|a|an|today's|this week's|your))?(?: (?:latest|"
            r"day's|top|biggest|best|breaking|daily|big|"
            r"must-read|essential|quick|important|head start|most important|never-ending|exclusive|local|full|"
            r"\w+'s)){1,3}\b",
            r"\b(?:news|headlines|stories|updates|alerts|delivered|analysis|coverage|insights?|cycle|tips|deals|"
            r"offers|episodes?|podcast)\b",
        ),
        how=How.START,
        max_words=40,
        yes=(
            "Get the day's top headlines every morning.", "Get breaking news alerts and special reports.",
            "Stay up to date with the latest news"),
        no=("Get the best lawyer you can, he said.", "Follow the latest trail markers"),
    ),
    Rule(
        id="en.app",
        reason=RemovalReason.APP,
        languages=EN,
        pattern=(
            r"(?:(?:please |now |you can (?:also )?)?(?:get|download|install|try)\b.{0,40}\b(?:our|the|free|new|"
            r"[\w]+'s|news|mobile|\w+) apps?\b|(?:click|tap)(?: here)? (?:to|for)\b.{0,50}\bapps?\b|"
            r".{0,60}\b(?:available|download|get it|now)\b.{0,30}\b(?:on|in|from) (?:the )?(?:google play|app store|"
            r"itunes|apple podcasts)|"
            r"(?:get|take|read|follow)\b.{0,40}\b(?:on the go|on (?:your|any) (?:iphone|ipad|android|phone|mobile|"
            r"smartphone|device|tablet)))",
        ),
        how=How.START,
        max_words=24,
        yes=(
            "Download our app for breaking news", "CLICK HERE TO GET THE NEWS APP",
            "Available on Google Play and the App Store",
             "Get alerts on your iPhone", "GET THE PAPER ON THE GO BY CLICKING HERE"),
        no=(
            "Use of the apps in class is banned, the head says",
            "Get down"),
    ),
    Rule(
        id="en.share",
        reason=RemovalReason.SHARE,
        languages=EN,
        pattern=(
            r"(?:please |click to )?(?:share|tweet|pin|post|e-?mail|send) (?:this|on|via|(?:(?:your|the|"
            r"our) )?(?:article|story|page|post|news|link|"
            r"thoughts|video|love))\b(?: \w+){0,8}(?: \(opens in new window\)?)?|share(?: this)?\s?[:|].{0,80}|"
            r"spread the word|recommend this .{0,20}|like this(?: (?:post|article|story))?|"
            r"(?:like|love) (?:us|this)(?: on .{2,20})?|loading \.\.\.",
        ),
        max_words=10,
        yes=("Share this article", "Share on a network (Opens in new window)", "Share this: Pocket", "Like this:"),
        no=("Share prices fell on Monday", "Share the road", "Post offices closed"),
    ),
    Rule(
        id="en.share_with",
        reason=RemovalReason.SHARE,
        languages=EN,
        pattern=(
            r"(?:(?:please|follow|like|join|subscribe|rate|bookmark|enjoyed)\b.{0,80}?\b)?(?:share|send|forward|e-?mail) "
            r"(?:this|the|our|it|these)\b(?: (?:article|story|page|post|news|video|piece|report))?,? "
            r"(?:to|with) (?:your |a |an )?(?:friends?|others|family|colleagues?|followers|loved ones|some(?:body|one))\b",
        ),
        how=How.START,
        max_words=24,
        yes=(
            "Share this story with your friends and family.",
            "Like our page and share this article with others",
            "Enjoyed it? Please forward this post to a colleague.",
        ),
        no=(
            "Share this burden with your neighbours, the mayor said",
            "The minister asked officials to share this report with others",
        ),
    ),
    Rule(
        id="en.follow",
        reason=RemovalReason.SHARE,
        languages=EN,
        pattern=(
            r"\b(?:follow|like|find|friend|connect with|join|visit|catch|tweet(?:s|ing)?|watch|subscribe to|contact|"
            r"reach|message|add|see)\b"
            rf".{{0,80}}?(?:(?<!\w)@\w{{2,40}}|\b(?:on|via|at|our|in)\b.{{0,24}}\b(?:{NETWORKS})\b)",
            r"^(?:please |you can (?:also )?|be sure to |don't forget to |to .{2,40}, )?(?:follow|like|find|friend|"
            r"connect|join|subscribe|visit|tweet|message|"
            r"add)\b|(?:[.!?)]|^to .{2,40},|\. to .{2,40},) (?:(?:\w+,? ){0,2}(?:and )?)(?:follow|like|find|join|"
            r"connect with|tweet) (?:me|us|him|her|them|our|the author|the show|this|@|all|\w+ \w+ (?:on|@|at))|"
            r"\btweets? (?:at )?@|@\w{2,40}$",
        ),
        how=How.WITHIN,
        needs=(
            "follow", "like us", "find us", "find me", "connect with", "join", "tweet", "subscribe to", "visit us",
            "message"),
        where=Where.INSIDE,
        max_words=90,
        yes=(
            "Follow Jane Doe on Twitter @jdoe", "Jane Doe is our critic. Follow her on Instagram.",
            "Find us on Facebook",
             "She tweets @jdoe.", "Join our Facebook group to talk."),
        no=("He joined Twitter in 2009.", "Protesters who follow him on Facebook came in the hundreds to the square",
            "They connect with voters."),
    ),
    Rule(
        id="en.contact",
        reason=RemovalReason.CONTACT,
        languages=EN,
        pattern=(
            r"(?:for (?:all )?(?:media|press|business|general|sales|advertising|more|editorial|further|any|"
            r"licensing) (?:\w+ )?(?:inquir(?:y|ies)|enquir(?:y|ies)|"
            r"quer(?:y|ies)|information|requests|details|questions)\b.{0,20}(?:[:,]|contact|e-?mail|call|please|visit|"
            r"$)|"
            r"(?:write|e-?mail|contact|reach(?: out)?|call|send|tweet|message|text|talk)\b.{0,60}(?:@|\bat\b .{0,30}\d|"
            r"\bto (?:the )?(?:editor|author))|"
            r"contact(?: us| me| the (?:author|editor|writer|newsroom)|:| information| details)?$|contact (?:us|"
            r"the (?:author|editor|writer|newsroom|reporter))\b|"
            r"(?:got|have|know|do you have|send us|are you|did you|if you|want to|tell us|we want)\b.{0,60}\b(?:tips?|"
            r"stor(?:y|ies)|facts|information|something to (?:share|say)|"
            r"scoop|pitch|photos|idea for|feedback|question|experience)\b.{0,60}(?:@|e-?mail|contact us|let us know|"
            r"reach us|pitch us|get in touch|\bform\b|whatsapp)|"
            r"(?:letters|send|submit|pitch).{0,60}(?:@|(?:your|us|a) (?:tips?|letters?|news|story|photos)))",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=60,
        yes=(
            "For media inquiries: desk@news.example", "Write to Jane Doe at jane@news.example",
            "Got a news tip? Let us know",
             "Have a story to share? E-mail us", "Contact us", "Send us facts to check by filling out this form"),
        no=(
            "Write to be read, he said.", "For more people, that is a problem", "Contact sports are out",
            "If you have a story, tell it"),
    ),
    Rule(
        id="en.reach",
        reason=RemovalReason.CONTACT,
        languages=EN,
        pattern=(
            r"\b(?:can|may) be (?:reached|contacted|e-?mailed|followed) (?:at|on|via|by)\b.{0,60}(?:@|\d{3}|"
            r"\bon (?:twitter|facebook))|"
            r"\b(?:e-?mail(?: \w+){0,3}|contact(?: \w+){0,3}|reach(?: \w+){1,3}|pitch us|"
            r"write to \w+(?: by \S+)?) (?:at|via) .{0,40}@",
        ),
        how=How.WITHIN,
        needs=("@", "reached", "contacted", "pitch us", "email", "e-mail"),
        where=Where.INSIDE,
        max_words=60,
        yes=("Jane Doe may be reached at jane@news.example.", "Have an idea? You can pitch us at desk@news.example"),
        no=("The hotline can be reached by anyone in need", "They could not be reached at home"),
    ),
    Rule(
        id="en.support",
        reason=RemovalReason.SUBSCRIPTION,
        languages=EN,
        pattern=(
            r"(?:(?:please |you can |help |we need (?:you|your)|if you |will you |can you |by |"
            r"consider )*+(?:a (?:donation|contribution|gift)|become|becoming|be|join|support(?:ing)?|fund|donat\w+|"
            r"contribut\w+|make|"
            r"chip in|help|give|click|subscrib\w+|enjoy\w*|appreciate|value|every day|our (?:\w+ )?(?:journalism|"
            r"mission|readers|newsroom|coverage|articles)|our work (?:is (?:only )?(?:made )?possible|depends|relies))\b)",
            r"\b(?:an? (?:\w+ ){0,2}(?:member|subscriber|supporter|patron|donor)\b|(?:independent|quality|our|"
            r"explanatory|investigative|public|nonprofit|fearless|free|local|this) "
            r"(?:\w+ )?(?:journalis[mt]s?|reporting|newsroom|work|mission|coverage)\b|tax-deductible|(?:contribution|"
            r"donation|gift) (?:today|of|to|helps?|as|from)|"
            r"reader[- ](?:supported|funded)|for as little as|[$£€]\d)",
            r"\b(?:today|now|please|become|us|our|donat\w+|subscri\w+|you|your|join)\b|^(?:support|fund)",
        ),
        how=How.START,
        max_words=90,
        where=Where.INSIDE,
        yes=(
            "Become a member of our community", "Support our journalism with a gift today.",
            "Please consider a donation to our newsroom today.",
             "Our mission depends on readers: make a contribution today to keep this work free.",
             "Join as a member today", "Our work is possible only with your donation today."),
        no=("Our work is to build a commons that is free and public.",
            "Be a man, he said.", "Our party will support the bill", "Every member of the board will support the plan",
            "The club made a donation of £5,000 to the school."),
    ),
    Rule(
        id="en.paywall",
        reason=RemovalReason.SUBSCRIPTION,
        languages=EN,
        pattern=(
            r"(?:already (?:a |an )?(?:subscriber|subscribed|member|registered|have an account)|(?:this|"
            r"the) (?:article|content|story|feature) is "
            r"(?:only |exclusively |reserved |available )*+(?:for|to|available)\b.{0,20}(?:subscribers|members|"
            r"registered)|you(?:'ve| have) (?:reached|read|used|hit|exceeded)\b.{0,50}"
            r"(?:articles?|limit|free)|(?:subscribe|subscription|log in|sign in|register)\b.{0,60}\b(?:to (?:read|"
            r"continue|unlock|access|keep|view)|"
            r"unlimited|full access|digital access|per month|a month|a week|print edition|for just|from (?:just|only))|"
            r"(?:to )?(?:continue|keep) reading|"
            r"(?:get|enjoy|unlock) (?:unlimited|full|instant|exclusive|digital) (?:\w+ )?access|"
            r"manage (?:your )?subscription|subscriber[- ]only|"
            r"\d{1,3} issues for|get .{2,50} delivered (?:through|to) your)",
        ),
        how=How.START,
        max_words=40,
        yes=(
            "Already a subscriber? Log in", "This article is for subscribers only",
            "You have reached your limit of free articles.",
             "Subscribe to read the full story", "Unlock unlimited access"),
        no=("You have read this before, in another form", "The story is available to all", "Subscription fees rose"),
    ),
    Rule(
        id="en.advertisement",
        reason=RemovalReason.ADVERTISEMENT,
        languages=EN,
        pattern=(
            r"(?:advert(?:isement|isements|ising|orial|s)?|ads?|ad choices|remove ads|sponsored(?: by .{1,30})?|"
            r"promoted|(?:sponsored|promoted|paid|partner|branded) (?:content|post|links?|stories|"
            r"partnership|program|message|video)(?: .{1,30})?|(?:the )?(?:story|article|content|post|text|report|"
            r"interview) continue[sd]?(?: (?:below|after|reading))?.{0,40}|continue reading.{0,40}|"
            r"scroll (?:down )?(?:to|for|below).{0,40}|(?:article|content) .{0,20}(?:after|below) .{0,20}(?:ad|"
            r"advert\w*|video)|"
            r"skip (?:ad|advert\w*)|report (?:this )?ad|visit website|(?:this )?(?:ad|"
            r"advertisement) .{0,10}(?:thanks? (?:you )?for watching|loading|visit website).{0,40}|"
            r"why (?:am i seeing )?th(?:is|ese) ads?|powered by .{1,30}|brought to you by .{1,30}|"
            r"presented by .{1,30}|deal of the day|shop now|buy now|order now|book now)",
        ),
        max_words=9,
        yes=(
            "ADVERTISEMENT", "ADS", "Story continues below", "Sponsored by a bank", "Continue reading the main story",
            "Powered by software",
             "Article continues after this advertisement"),
        no=("Ads on the bus were torn down", "Story time", "Paid leave"),
    ),
    Rule(
        id="en.terms_of_offer",
        reason=RemovalReason.ADVERTISEMENT,
        languages=EN,
        pattern=(
            r"\bprices? (?:are|is|may be|and).{0,30}\bsubject to change|\bquantities may be limited|\b(?:coupons?|"
            r"offers?|deals?) (?:may |will )?expires?\b|"
                 r"\bwhile (?:stocks|supplies) last|\bvalid until \d",),
        how=How.WITHIN,
        needs=("subject to change", "limited", "expire", " last", "valid until"),
        max_words=60,
        yes=("Prices are subject to change without notice.", "Coupons may expire at any time."),
        no=("The peace deal has limited effect", "Prices rose while stocks fell"),
    ),
    Rule(
        id="en.cookie",
        reason=RemovalReason.COOKIE,
        languages=EN,
        pattern=(
            r"\b(?:uses?|using|accept|allow|enable|set|place|our|all|of) cookies\b|\bcookie (?:policy|settings|"
            r"consent|notice|preferences|banner)",
                 r"\b(?:we|our|your|this (?:web)?site)\b",
                 r"\b(?:accept|consent|agree|settings|preferences|policy|experience|enable|traffic|allow|improve|"
                 r"websites?|site)\b"),
        how=How.WITHIN,
        needs=("cookie",),
        max_words=80,
        yes=("We use cookies to improve your experience.", "By using our site you accept our cookie policy."),
        no=("Grandma baked cookies.", "The firm used cookies to track users, the regulator said."),
    ),
)  # fmt: skip
