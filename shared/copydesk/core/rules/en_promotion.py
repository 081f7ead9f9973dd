"""English rules for what a publisher wants of the reader: newsletters, apps, related links, sharing, money, advertisements."""

from __future__ import annotations

from copydesk.core.rules.marks import NETWORKS
from copydesk.core.rules.model import How, Rule, Where
from copydesk.models import RemovalReason

EN = ("en",)
_THINGS = (
    "(?:articles?|stor(?:y|ies)|posts?|news|videos?|links?|reading|reads|content|coverage|topics?|items?|headlines|galler(?:y|ies)|"
    "episodes?|podcasts?|columns?|features?|products?|searches|stocks|reports?|pages?|documents|interviews?|analysis|opinion|"
    "stories and videos|from (?:the )?(?:web|our partners|around the web|this (?:section|author|topic)|us|[\\w' .]{2,30}))"
)
_LETTER = (
    "(?:newsletters?|e-?mails?|in-?box|mailing list|alerts?|updates?|digest|briefings?|bulletins?|notifications?|round-?up|podcasts?)"
)
_MAIL = "(?:newsletters?|e-?mails?|in-?box|mailing list|alerts|digest|bulletins?|notifications?)"

RULES = (
    # The page itself. These stand first: "next post" is no heading over teasers.
    Rule(
        id="en.navigation",
        reason=RemovalReason.NAVIGATION,
        languages=EN,
        pattern=(
            r"(?:(?:back|return|go|scroll|jump|skip|up|down|move)(?: back)?(?: to)?(?: the)? (?:top|up|down|home(?:page)?|main(?: page| content)?|"
            r"content|start|navigation|search|footer|index|menu)|(?:(?:previous|prev|next|older|newer|first|last)(?: (?:post|article|story|page|"
            r"entry|posts|articles|image|photo|slide|video|stories))?\s?){1,2}|home|menu|search|close|log ?(?:in|out)|sign (?:in|out|up)|register|"
            r"print(?: (?:this )?(?:article|page|story|version))?|copy(?: link| url)?|text size|font size.{0,10}|"
            r"load more.{0,12}|(?:show|view|see|read) (?:all|less|more)|expand|collapse|page \d{1,3} of \d{1,3}|pages? ?:?(?: \d{1,3}){1,12}|"
            r"contents|table of contents|in this (?:article|story)|on this page|privacy(?: policy)?|terms(?: (?:of|and) .{1,20})?|sitemap|about(?: us)?|"
            r"faqs?|help|my account|topics?(?: in this (?:story|article))?|tags?|categor(?:y|ies)|sections?|archives?|posted in|published in|"
            r"filed (?:under|in)|published|share|download|listen|listen to (?:this )?article|\d{1,3} ?(?:-| )?min(?:ute)?s?(?: read)?|"
            r"reading time.{0,20}|view (?:on|in) .{1,20}|advertise(?: with us)?|careers|feedback|follow|following|permalink|edit|flag|report|"
            r"email(?: this| address)?|add to (?:favorites|favourites|list|reading list)|save(?: for later)?|saved|bookmark|select|submit|cancel|ok|"
            r"continue|accept|dismiss|no thanks|got it|transcript|opens? in (?:a )?new (?:window|tab))",
        ),
        max_words=7,
        yes=("Scroll Up", "Back to top", "Previous Post Next Post", "Print", "Home", "Page 1 of 3", "5 min read", "Published in", "Email"),
        no=("Home at last", "Next year", "Search goes on", "Back to school", "Help is on the way"),
    ),
    # Related links.
    Rule(
        id="en.related_heading",
        reason=RemovalReason.RELATED,
        languages=EN,
        pattern=(
            rf"(?:(?:more |see |also |our |other |view )*+(?:related|recommended|similar|suggested|trending|more like this)"
            rf"(?: {_THINGS})?(?: (?:to|by|on|for|in) .{{1,40}})?|(?:the )?(?:most|top|latest|recent|popular|more|other|further|additional|"
            rf"must-?|featured|editor'?s?'?|today's|this week's|more top|trending) ?(?:read|viewed|popular|commented|shared|watched|"
            rf"recent|clicked|latest|picks?|choice|stories|related)?(?: (?:in|on|from|today|now|this week|{_THINGS})){{1,3}}(?: .{{1,30}})?|"
            r"most (?:read|viewed|popular|commented|shared|watched)|further reading|must[- ]?reads?|editor'?s?'? (?:picks?|choice)|"
            r"you (?:may|might|could) (?:also )?(?:like|enjoy|be interested in|want to (?:read|see|watch)|have missed)(?: to read| these)?|"
            r"(?:don't|do not) miss(?: (?:this|these|out))?|in case you missed it|(?:read|see|watch|listen|check out) (?:also|more|next|this|"
            rf"these|on|now)(?: {_THINGS})?|also (?:read|see|watch|on|in)(?: {_THINGS})?|up next|what to (?:read|watch) next|"
            r"recommended(?: for you)?|more(?: on| about| in| from)?(?: this| these)?(?: (?:story|topic|subject))?|related|"
            r"keep reading|around the web|paid promotions?|promoted (?:stories|links)|from our partners|you may like|explore more|"
            r"quick links?|external links|more to (?:read|explore)|latest (?:news|stories|videos?)|breaking news|"
            r"(?:watch|listen(?: to)?|see) (?:[\w'.-]+ ){1,4}(?:videos?|podcasts?|episodes?|galler(?:y|ies)))",
        ),
        where=Where.INSIDE,
        max_words=7,
        opens=True,
        yes=("Related Articles", "Related video", "More on this...", "Read more:", "MORE:", "You may also like", "Most read in world news",
             "Don't miss", "Further reading", "Latest news", "Recommended for you", "Also read"),
        no=("More people than ever", "Latest figures show a rise", "Related parties were named", "Recent history",
            "Other voices in the party disagree"),
    ),
    Rule(
        id="en.related_inline",
        reason=RemovalReason.RELATED,
        languages=EN,
        pattern=(
            r"(?:related(?: (?:articles?|stor(?:y|ies)|news|content|coverage|links?|video|reading|posts?))?|(?:also |please )?(?:read|see|watch)"
            r"(?: (?:more|also|next|this|here|now|full story|it))?|also|more|must[- ](?:read|see|watch)|further reading|don't miss|"
            r"recommended|in case you missed it|icymi|full (?:story|coverage|report)|see (?:here|more)|listen(?: here| now)?|"
            r"photos|gallery|in pictures|in photos|poll|quiz|join us|trending|up next|podcast|download|"
            r"(?:link|click) (?:here|to .{1,30}))\s?[:|>»] ?\S",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=28,
        yes=("Related: Ten things to know", "READ MORE: Minister resigns", "Also: See our full coverage", "WATCH: The chase on video",
             "Don't miss: the best of the week"),
        no=("More than this: she won", "Readers: beware", "Watch the skies: it is August"),
    ),
    Rule(
        id="en.read_more",
        reason=RemovalReason.RELATED,
        languages=EN,
        pattern=(
            r"(?:(?:to )?(?:read|see|find|watch|listen to|get|view|discover|explore|learn|hear|continue|keep)(?: out)? (?:more|reading|watching|on)"
            r"(?: (?:about|of|on|from|in|at|here|stories|coverage|news|by|like)\b| and |$|: )|(?:you can )?(?:read|see|view|find) (?:the |our |his |her |"
            r"their |all |this )?(?:full |complete |entire |original |whole |rest |latest |previous |earlier )(?:of )?(?:the |this |our )?(?:\w+ )?"
            r"(?:story|article|report|interview|post|list|coverage|text|here|at|version|transcript)|full (?:\w+ )?coverage\b(?: of| on|:|$)|"
            r"follow (?:our|all|the|\w+'s?)? ?(?:\w+ )?(?:full |live |latest |complete |pandemic |ongoing )*+coverage|"
            r"(?:click|tap|press|go)(?: here| on| to| below| through| the)(?: (?:link|image|photo|below|headline|button))*+(?: (?:to|for|if|and)\b|"
            r"\W*$|:)|click (?:for|to)\b|(?:for|to see|to read) (?:more|all|the latest|further|full|additional)(?: \w+){0,6},? "
            r"(?:\w+ )?(?:visit|click|go to|check|see|follow|read|here|subscribe|listen|tune)|"
            r"(?:visit|check out|head (?:over )?to|go to|explore|browse|bookmark) (?:our|the|us|all|more)\b.{0,60}\b(?:page|site|website|hub|"
            r"section|homepage|coverage|archive|store|shop|channel|guide|here|collection)\b|check out (?:more|all|our|these)\b|"
            r"you can (?:read|view|find|see|listen to|watch|follow) .{1,80}\bhere|[\w' ]{2,60} (?:can be (?:found|read|seen|viewed) )?here$|"
            r"find .{2,40} at https?://|.{2,40}: https?://\S{5,200}$)",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=22,
        yes=("Read more about the storm here.", "Click here for the poll results.", "Click for more from a paper.", "Full coverage: the election",
             "For more news, visit our homepage", "Read the full story", "You can view our June thread here.", "Continue reading"),
        no=("Read more slowly, she told them.", "To learn more than the basics takes years",
            "Watch on the Rhine was a song", "Find out who won", "Click beetles live here and there, in the dead wood of old trees"),
    ),
    Rule(
        id="en.page_talk",
        reason=RemovalReason.NAVIGATION,
        languages=EN,
        pattern=(
            r"(?:(?:your|this) browser (?:does not|doesn't|is)|please (?:enable|turn on) (?:javascript|cookies)|javascript (?:is|must|needs)|"
            r"enable javascript|this (?:video|content|site|page|feature) (?:is not available|is no longer|requires|can ?not be|isn't|is protected)|"
            r"an error (?:has )?occurred|there was an error|something went wrong|page not found|we(?:'re| are) sorry|"
            r"thanks? (?:you )?for (?:watching|reading|visiting|signing|subscribing|sharing|your (?:feedback|interest|support))|"
            r"use (?:left|right|arrow|up|down)|press (?:esc|enter|space)|loading|please wait|skip (?:to|past|ad)|"
            r"we are committed to (?:truth|accuracy)|read our (?:editorial|comment|privacy)|report (?:a|an) (?:typo|error|mistake|correction)|"
            r"(?:spotted|found|see|noticed) (?:a|an) (?:typo|error|mistake)|suggest a correction)",
        ),
        how=How.START,
        max_words=40,
        yes=("Your browser does not support this tag.", "Thanks for watching!", "There was an error processing your request.",
             "Read our editorial standards.", "Spotted a mistake? Tell us"),
        no=("This video game is fun", "We were sorry to hear of it"),
    ),
    Rule(
        id="en.tags_line",
        reason=RemovalReason.NAVIGATION,
        languages=EN,
        pattern=(r"(?:tags?|categor(?:y|ies)|filed (?:under|in)|topics?|posted in|keywords?|labels?|sections?|more (?:about|on)|theme|region|"
                 r"related (?:topics?|tags?)|tagged(?: as| with| in)?|read time|reading time|in-depth report)\s?[:|] ?\S|(?:filed under|tagged (?:with|as)) \S",),
        how=How.START,
        max_words=25,
        yes=("Tags: war, peace", "Filed under: Politics |", "Topics: Economy", "Region: North"),
        no=("Tags are sewn in by hand", "Topics ranged from art to war"),
    ),
    # Newsletters.
    Rule(
        id="en.newsletter_heading",
        reason=RemovalReason.NEWSLETTER,
        languages=EN,
        pattern=(rf"(?:[\w'&.-]+ ){{0,5}}newsletters?(?: (?:sign[- ]?up|subscription|form|preferences|of the day|here|now))?|"
                 r"(?:get )?(?:[\w'&.-]+ ){1,4}(?:in|to) your in-?box|"
                 r"(?:sign ?up|subscribe|register|join)(?: (?:here|now|today|below|free|for free|us|in|to us|and save)){0,3}|(?:enter )?(?:your )?"
                 r"e-?mail(?: address)?(?: \(required\))?|zip code|stay (?:connected|informed|updated|tuned|in touch)|(?:want|get) more\??",),
        max_words=6,
        yes=("Newsletter Sign-up", "The Morning Newsletter", "Subscribe", "Sign up here.", "Stay connected", "Your email address"),
        no=("He read the newsletters aloud to the whole class", "Join hands"),
    ),
    Rule(
        id="en.newsletter",
        reason=RemovalReason.NEWSLETTER,
        languages=EN,
        pattern=(
            r"(?:(?:click|tap)(?: here)? to |to |please |don't forget to |you can |why not )?(?:sign(?:ing)? ?-?up|subscrib\w+|register|join|get|want|"
            r"receive|enter your|don't miss|stay|keep|never miss|be the first|like what|enjoy|looking for|let our|start your|are you|follow|"
            r"delivered|daily|weekly|every|each|thanks?|this is|our|love|interested|need|catch|download|listen|tune)\b",
            rf"\b{_LETTER}\b|\bsubscri\w+|\bsign(?:ing)? up\b|\b(?:join|follow) (?:us|our)\b|\bapple podcasts\b",
            r"\bsign(?:ing)?[ -]?up(?: (?:here|now|today|below|for|to|and|at|free)\b|$|\W)|\bsubscrib(?:e|ing)\b|\byour (?:in-?box|e-?mail|phone|letterbox|door|doorstep|device)|"
            rf"\b(?:get|receive|want|join|enter|click|keep an eye on)\b.{{0,60}}\b{_MAIL}\b|\bregister (?:here|now|for)\b",
        ),
        how=How.START,
        max_words=75,
        yes=("Sign up for our newsletter and get the news every morning.", "Get the top headlines delivered to your inbox daily.",
             "Want more? Subscribe to our podcast on Apple Podcasts.",
             "Keep an eye on your inbox for the latest."),
        no=("Each day this week the mayor has delivered a briefing.", "Get up, she said.", "The party sent e-mails to its members.", "Daily updates from the front were rare.",
            "The firm let users sign up by phone, a court heard."),
    ),
    Rule(
        id="en.newsletter_words",
        reason=RemovalReason.NEWSLETTER,
        languages=EN,
        pattern=(
            r"\bby (?:signing up|subscribing|submitting|registering|clicking|entering)\b.{0,60}\byou (?:agree|consent|accept|will)|"
            r"\bthis site is protected by\b|\bsubscribe to\b.{0,60}\bnewsletters?\b|\bunsubscribe (?:at )?any ?time|\b(?:sign up|subscribe) (?:here|now|today|below)\b|"
            r"\b(?:in|to|into) your inbox\b|\bsign up for (?:our|the|a|free|my|breaking|daily|weekly)\b.{0,60}"
            rf"\b{_LETTER}|\bsubscribe to (?:our|the|my|this)\b.{{0,60}}\b(?:{_LETTER}|channel|feed)|\bprivacy policy and\b|"
            r"\bjoin our (?:\w+ )?(?:mailing list|newsletter|facebook|telegram|whatsapp|discord|community|slack)\b",
        ),
        how=How.WITHIN,
        needs=("you agree", "you consent", "you accept", "you will", "protected by", "unsubscribe", "sign up", "subscribe", "your inbox",
               "privacy policy", "join our"),
        max_words=75,
        yes=("By signing up, you agree to our terms.", "This site is protected by a captcha.", "Our best stories, straight to your inbox.",
             "The Daily is a free newsletter. Sign up here."),
        no=("Workers may sign up for a free course", "The agency will subscribe to the loan"),
    ),
    Rule(
        id="en.get_news",
        reason=RemovalReason.NEWSLETTER,
        languages=EN,
        pattern=(
            r"(?:get|(?:looking for .{0,30} to )?catch up on|(?:looking for .{0,30} to )?keep up with|stay on top of|receive|never miss|be the first to know|follow|don't miss|stay up[ -]to[ -]date)\b"
            r"(?: with| on)?(?: (?:the|all|all the|our|more|some of|a|an|today's|this week's|your))?(?: (?:latest|day's|top|biggest|best|breaking|daily|big|"
            r"must-read|essential|quick|important|head start|most important|never-ending|exclusive|local|full|\w+'s)){1,3}\b",
            r"\b(?:news|headlines|stories|updates|alerts|delivered|analysis|coverage|insights?|cycle|tips|deals|offers|episodes?|podcast)\b",
        ),
        how=How.START,
        max_words=40,
        yes=("Get the day's top headlines every morning.", "Get breaking news alerts and special reports.", "Stay up to date with the latest news"),
        no=("Get the best lawyer you can, he said.", "Follow the latest trail markers"),
    ),
    # Apps, feeds and networks.
    Rule(
        id="en.app",
        reason=RemovalReason.APP,
        languages=EN,
        pattern=(
            r"(?:(?:please |now |you can (?:also )?)?(?:get|download|install|try|open|use|follow|read|listen)\b.{0,40}\b(?:our|the|free|new|"
            r"[\w]+'s|news|mobile|\w+) apps?\b|(?:click|tap)(?: here)? (?:to|for)\b.{0,50}\bapps?\b|"
            r".{0,60}\b(?:available|download|get it|now)\b.{0,30}\b(?:on|in|from) (?:the )?(?:google play|app store|itunes|apple podcasts)|"
            r"(?:get|take|read|follow)\b.{0,40}\b(?:on the go|on (?:your|any) (?:iphone|ipad|android|phone|mobile|smartphone|device|tablet)))",
        ),
        how=How.START,
        max_words=24,
        yes=("Download our app for breaking news", "CLICK HERE TO GET THE NEWS APP", "Available on Google Play and the App Store",
             "Get alerts on your iPhone", "GET THE PAPER ON THE GO BY CLICKING HERE"),
        no=("Use of the apps in class is banned, and the phones that pupils bring are locked away until the end of the day by staff there",
            "Get down"),
    ),
    Rule(
        id="en.click_caps",
        reason=RemovalReason.RELATED,
        languages=EN,
        pattern=(r"(?:CLICK|TAP|SIGN UP|SUBSCRIBE|GET|READ|WATCH|SEE|DOWNLOAD|JOIN|FOLLOW|LISTEN)\b[^a-z]{4,120}",),
        where=Where.INSIDE,
        cased=True,
        max_words=18,
        yes=("CLICK HERE FOR FULL ELECTION COVERAGE", "READ MORE ABOUT THE STORM", "SUBSCRIBE TO THE PODCAST"),
        no=("GET out", "Click here", "READ"),
    ),
    Rule(
        id="en.share",
        reason=RemovalReason.SHARE,
        languages=EN,
        pattern=(
            r"(?:please |click to )?(?:share|tweet|pin|post|e-?mail|send) (?:this|on|via|(?:(?:your|the|our) )?(?:article|story|page|post|news|link|"
            r"thoughts|video|love))\b(?: \w+){0,8}(?: \(opens in new window\)?)?|share(?: this)?\s?[:|].{0,80}|spread the word|recommend this .{0,20}|like this(?: (?:post|article|story))?|"
            r"(?:like|love) (?:us|this)(?: on .{2,20})?|loading \.\.\.",
        ),
        max_words=10,
        yes=("Share this article", "Share on a network (Opens in new window)", "Share this: Pocket", "Like this:"),
        no=("Share prices fell on Monday", "Share the road", "Post offices closed"),
    ),
    Rule(
        id="en.follow",
        reason=RemovalReason.SHARE,
        languages=EN,
        pattern=(
            r"\b(?:follow|like|find|friend|connect with|join|visit|catch|tweet(?:s|ing)?|watch|subscribe to|contact|reach|message|add|see)\b"
            rf".{{0,80}}?(?:(?<!\w)@\w{{2,40}}|\b(?:on|via|at|our|in)\b.{{0,24}}\b(?:{NETWORKS})\b)",
            rf"^(?:please |you can (?:also )?|be sure to |don't forget to |to .{{2,40}}, )?(?:follow|like|find|friend|connect|join|subscribe|visit|tweet|message|"
            rf"add)\b|(?:[.!?)]|^to .{{2,40}},|\. to .{{2,40}},) (?:(?:\w+,? ){{0,2}}(?:and )?)(?:follow|like|find|join|connect with|tweet) (?:me|us|him|her|them|our|the author|the show|this|@|all|\w+ \w+ (?:on|@|at))|"
            r"\btweets? (?:at )?@|@\w{2,40}$",
        ),
        how=How.WITHIN,
        needs=("follow", "like us", "find us", "find me", "connect with", "join", "tweet", "subscribe to", "visit us", "message"),
        where=Where.INSIDE,
        max_words=90,
        yes=("Follow Jane Doe on Twitter @jdoe", "Jane Doe is our critic. Follow her on Instagram.", "Find us on Facebook",
             "She tweets @jdoe.", "Join our Facebook group to talk."),
        no=("He joined Twitter in 2009.", "Protesters who follow him on Facebook came in the hundreds to the square",
            "They connect with voters."),
    ),
    Rule(
        id="en.contact",
        reason=RemovalReason.CONTACT,
        languages=EN,
        pattern=(
            r"(?:for (?:all )?(?:media|press|business|general|sales|advertising|more|editorial|further|any|licensing) (?:\w+ )?(?:inquir(?:y|ies)|enquir(?:y|ies)|"
            r"quer(?:y|ies)|information|requests|details|questions)\b.{0,20}(?:[:,]|contact|e-?mail|call|please|visit|$)|"
            r"(?:write|e-?mail|contact|reach(?: out)?|call|send|tweet|message|text|talk)\b.{0,60}(?:@|\bat\b .{0,30}\d|\bto (?:the )?(?:editor|author))|"
            r"contact(?: us| me| the (?:author|editor|writer|newsroom)|:| information| details)?$|contact (?:us|the (?:author|editor|writer|newsroom|reporter))\b|"
            r"(?:got|have|know|do you have|send us|are you|did you|if you|want to|tell us|we want)\b.{0,60}\b(?:tips?|stor(?:y|ies)|facts|information|something to (?:share|say)|"
            r"scoop|pitch|photos|idea for|feedback|question|experience)\b.{0,60}(?:@|e-?mail|contact us|let us know|reach us|pitch us|get in touch|form|here|\?$|whatsapp|signal)|"
            r"(?:letters|send|submit|pitch).{0,60}(?:@|(?:your|us|a) (?:tips?|letters?|news|story|photos)))",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=60,
        yes=("For media inquiries: desk@news.example", "Write to Jane Doe at jane@news.example", "Got a news tip? Let us know",
             "Have a story to share? E-mail us", "Contact us", "Send us facts to check by filling out this form"),
        no=("Write to be read, he said.", "For more people, that is a problem", "Contact sports are out", "If you have a story, tell it"),
    ),
    Rule(
        id="en.reach",
        reason=RemovalReason.CONTACT,
        languages=EN,
        pattern=(
            r"\b(?:can|may) be (?:reached|contacted|e-?mailed|followed) (?:at|on|via|by)\b.{0,60}(?:@|\d{3}|\bon (?:twitter|facebook))|"
            r"\b(?:e-?mail(?: \w+){0,3}|contact(?: \w+){0,3}|reach(?: \w+){1,3}|pitch us|write to \w+(?: by \S+)?) (?:at|via) .{0,40}@",
        ),
        how=How.WITHIN,
        needs=("@", "reached", "contacted", "pitch us", "email", "e-mail"),
        where=Where.INSIDE,
        max_words=60,
        yes=("Jane Doe may be reached at jane@news.example.", "Have an idea? You can pitch us at desk@news.example"),
        no=("The hotline can be reached by anyone in need", "They could not be reached at home"),
    ),
    # Money and advertisements.
    Rule(
        id="en.support",
        reason=RemovalReason.SUBSCRIPTION,
        languages=EN,
        pattern=(
            r"(?:(?:please |you can |help |we need (?:you|your)|if you |will you |can you |by |consider )*+(?:a (?:donation|contribution|gift)|become|becoming|be|join|support(?:ing)?|fund|donat\w+|contribut\w+|make|"
            r"chip in|help|give|click|subscrib\w+|enjoy\w*|like|appreciate|value|every day|our|this|unlock|start|buy|get|every)\b)",
            r"\b(?:an? (?:\w+ ){0,2}(?:member|subscriber|supporter|patron|donor)\b|(?:independent|quality|our|explanatory|investigative|public|nonprofit|fearless|free|local|this) "
            r"(?:\w+ )?(?:journalis[mt]s?|reporting|newsroom|work|mission|coverage)\b|tax-deductible|(?:contribution|donation|gift) (?:today|of|to|helps?|as|from)|"
            r"reader[- ](?:supported|funded)|for as little as|[$£€]\d)",
            r"\b(?:today|now|please|become|support|donat\w+|contribut\w+|subscri\w+|you|your|help|member|join)\b",
        ),
        how=How.START,
        max_words=90,
        where=Where.INSIDE,
        yes=("Become a member of our community", "Support our journalism with a gift today.", "Please consider a donation to our newsroom today.",
             "Our mission depends on readers: make a contribution today to keep this work free.", "Join as a member today"),
        no=("Be a man, he said.", "Our party will support the bill", "Every member of the board will support the plan",
            "The club made a donation of £5,000 to the school."),
    ),
    Rule(
        id="en.paywall",
        reason=RemovalReason.SUBSCRIPTION,
        languages=EN,
        pattern=(
            r"(?:already (?:a |an )?(?:subscriber|subscribed|member|registered|have an account)|(?:this|the) (?:article|content|story|feature) is "
            r"(?:only |exclusively |reserved |available )*+(?:for|to|available)\b.{0,20}(?:subscribers|members|registered)|you(?:'ve| have) (?:reached|read|used|hit|exceeded)\b.{0,50}"
            r"(?:articles?|limit|free)|(?:subscribe|subscription|log in|sign in|register)\b.{0,60}\b(?:to (?:read|continue|unlock|access|keep|view)|"
            r"unlimited|full access|digital access|per month|a month|a week|print edition|for just|from (?:just|only))|(?:to )?(?:continue|keep) reading|"
            r"(?:get|enjoy|unlock) (?:unlimited|full|instant|exclusive|digital) (?:\w+ )?access|manage (?:your )?subscription|subscriber[- ]only|"
            r"\d{1,3} issues for|get .{2,50} delivered (?:through|to) your)",
        ),
        how=How.START,
        max_words=40,
        yes=("Already a subscriber? Log in", "This article is for subscribers only", "You have reached your limit of free articles.",
             "Subscribe to read the full story", "Unlock unlimited access"),
        no=("You have read this before, in another form", "The story is available to all", "Subscription fees rose"),
    ),
    Rule(
        id="en.advertisement",
        reason=RemovalReason.ADVERTISEMENT,
        languages=EN,
        pattern=(
            r"(?:advert(?:isement|isements|ising|orial|s)?|ads?|ad choices|remove ads|sponsored(?: by .{1,30})?|promoted|(?:sponsored|promoted|paid|partner|branded) (?:content|post|links?|stories|"
            r"partnership|program|message|video)(?: .{1,30})?|(?:the )?(?:story|article|content|post|text|report|interview) continue[sd]?(?: (?:below|after|reading))?.{0,40}|continue reading.{0,40}|"
            r"scroll (?:down )?(?:to|for|below).{0,40}|(?:article|content) .{0,20}(?:after|below) .{0,20}(?:ad|advert\w*|video)|"
            r"skip (?:ad|advert\w*)|report (?:this )?ad|visit website|(?:this )?(?:ad|advertisement) .{0,10}(?:thanks? (?:you )?for watching|loading|visit website).{0,40}|"
            r"why (?:am i seeing )?th(?:is|ese) ads?|powered by .{1,30}|brought to you by .{1,30}|presented by .{1,30}|deal of the day|shop now|buy now|order now|book now)",
        ),
        max_words=9,
        yes=("ADVERTISEMENT", "ADS", "Story continues below", "Sponsored by a bank", "Continue reading the main story", "Powered by software",
             "Article continues after this advertisement"),
        no=("Ads on the bus were torn down", "Story time", "Paid leave"),
    ),
    Rule(
        id="en.terms_of_offer",
        reason=RemovalReason.ADVERTISEMENT,
        languages=EN,
        pattern=(r"\bprices? (?:are|is|may be|and).{0,30}\bsubject to change|\bquantities may be limited|\b(?:coupons?|offers?|deals?) (?:may |will )?expires?\b|"
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
        pattern=(r"\bcookies?\b", r"\b(?:we|our|your|this (?:web)?site)\b", r"\b(?:use|accept|consent|agree|settings|preferences|policy|experience|enable|traffic|allow)\w*\b"),
        how=How.WITHIN,
        needs=("cookie",),
        max_words=120,
        yes=("We use cookies to improve your experience.", "By using our site you accept our cookie policy."),
        no=("Grandma baked cookies.", "The firm used cookies to track users, the regulator said."),
    ),
)  # fmt: skip
