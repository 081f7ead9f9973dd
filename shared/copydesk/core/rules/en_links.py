"""English rules for what leads away from a text: navigation, related links, teasers, tags."""

from __future__ import annotations

from copydesk.core.rules.model import How, Rule, Where
from copydesk.models import RemovalReason

EN = ("en",)
_THINGS = (
    "(?:articles?|stor(?:y|ies)|posts?|news|videos?|links?|reading|reads|content|coverage|topics?|items?|headlines|"
    "galler(?:y|ies)|"
    "episodes?|podcasts?|columns?|searches|stocks|reports?|pages?|documents|interviews?|analysis|opinion|"
    "stories and videos|from (?:the )?(?:web|our partners|around the web|this (?:section|author|topic)|us|"
    "[\\w' .]{2,30}))"
)

RULES = (
    Rule(
        id="en.navigation",
        reason=RemovalReason.NAVIGATION,
        languages=EN,
        pattern=(
            r"(?:(?:back|return|go|scroll|jump|skip|up|down|move)(?: back)?(?: to)?(?: the)? (?:top|up|down|"
            r"home(?:page)?|main(?: page| content)?|"
            r"content|start|navigation|search|footer|index|menu)|(?:(?:previous|prev|next|older|newer|first|"
            r"last)(?: (?:post|article|story|page|"
            r"entry|posts|articles|image|photo|slide|video|stories))?\s?){1,2}|home|menu|search|close|log ?(?:in|out)|"
            r"sign (?:in|out|up)|register|"
            r"print(?: (?:this )?(?:article|page|story|version))?|copy(?: link| url)?|text size|font size.{0,10}|"
            r"load more.{0,12}|(?:show|view|see) (?:all|less|more)|read (?:all|less)|expand|collapse|page \d{1,3} of \d{1,3}|"
            r"pages? ?:?(?: \d{1,3}){1,12}|"
            r"contents|table of contents|in this (?:article|story)|on this page|privacy(?: policy)?|terms(?: (?:of|"
            r"and) .{1,20})?|sitemap|about(?: us)?|"
            r"faqs?|help|my account|topics?(?: in this (?:story|article))?|tags?|categor(?:y|ies)|sections?|archives?|"
            r"posted in|published in|"
            r"filed (?:under|in)|published|share|download|listen|listen to (?:this )?article|\d{1,3} ?(?:-|"
            r" )?min(?:ute)?s?(?: read)?|"
            r"reading time.{0,20}|view (?:on|in) .{1,20}|advertise(?: with us)?|careers|feedback|follow|following|"
            r"permalink|edit|flag|report|"
            r"email(?: this| address)?|add to (?:favorites|favourites|list|reading list)|save(?: for later)?|saved|"
            r"bookmark|select|submit|cancel|ok|"
            r"continue|accept|dismiss|no thanks|got it|transcript|opens? in (?:a )?new (?:window|tab))",
        ),
        max_words=7,
        yes=(
            "Scroll Up", "Back to top", "Previous Post Next Post", "Print", "Home", "Page 1 of 3", "5 min read",
            "Published in", "Email"),
        no=("Home at last", "Next year", "Search goes on", "Back to school", "Help is on the way"),
    ),
    Rule(
        id="en.related_heading",
        reason=RemovalReason.RELATED,
        languages=EN,
        pattern=(
            rf"(?:(?:more |see |also |our |other |view )*+(?:related|recommended|similar|suggested|trending|"
            rf"more like this)"
            rf"(?: {_THINGS})?(?: (?:to|by|on|for|in) .{{1,40}})?|(?:the )?(?:most|top|latest|recent|popular|more|"
            rf"other|further|additional|"
            rf"must-?|featured|editor'?s?'?|today's|this week's|more top|trending) ?(?:read|viewed|popular|commented|"
            rf"shared|watched|"
            rf"recent|clicked|latest|picks?|choice|stories|related)?(?: (?:in|on|from|today|now|this week|"
            rf"{_THINGS})){{1,3}}"
            r"(?: (?:in|on|from|about|this) .{1,30})?|most (?:read|viewed|popular|shared) (?:in|on|from) .{1,30}|"
            r"most (?:read|viewed|popular|commented|shared|watched)|further reading|must[- ]?reads?|"
            r"editor'?s?'? (?:picks?|choice)|"
            r"you (?:may|might|could) (?:also )?(?:like|enjoy|be interested in|want to (?:read|see|watch)|"
            r"have missed)(?: to read| these)?|"
            r"(?:don't|do not) miss(?: (?:this|these|out))?|in case you missed it|(?:read|see|watch|listen|"
            r"check out) (?:also|more|next|this|"
            rf"these|on|now)(?: {_THINGS})?|also (?:read|see|watch|on|in)(?: {_THINGS})?|up next|what to (?:read|"
            rf"watch) next|"
            r"recommended(?: for you)?|more(?: on| about| in| from)?(?: this| these)?(?: (?:story|topic|subject))?|"
            r"related|"
            r"keep reading|around the web|paid promotions?|promoted (?:stories|links)|from our partners|you may like|"
            r"explore more|"
            r"quick links?|external links|more to (?:read|explore)|latest (?:news|stories|videos?)|breaking news|"
            r"(?:watch|listen(?: to)?|see) (?:[\w'.-]+ ){1,4}(?:videos?|podcasts?|episodes?|galler(?:y|ies)))",
        ),
        where=Where.INSIDE,
        max_words=7,
        opens=True,
        yes=(
            "Related Articles", "Related video", "More on this...", "Read more:", "MORE:", "You may also like",
            "Most read in world news",
             "Don't miss", "Further reading", "Latest news", "Recommended for you", "Also read"),
        no=("More people than ever", "Latest figures show a rise", "Related parties were named", "Recent history",
            "Other voices in the party disagree"),
    ),
    Rule(
        id="en.related_inline",
        reason=RemovalReason.RELATED,
        languages=EN,
        pattern=(
            r"(?:related(?: (?:articles?|stor(?:y|ies)|news|content|coverage|links?|video|reading|posts?))?|(?:also |"
            r"please )?(?:read|see|watch)"
            r"(?: (?:more|also|next|this|here|now|full story|it))?|also|more|must[- ](?:read|see|watch)|"
            r"further reading|don't miss|"
            r"recommended|in case you missed it|icymi|full (?:story|coverage|report)|see (?:here|more)|listen(?: here|"
            r" now)?|"
            r"photos|gallery|in pictures|in photos|poll|quiz|join us|trending|up next|podcast|"
            r"(?:link|click) (?:here|to .{1,30}))\s?[:|>»] ?\S",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=28,
        yes=(
            "Related: Ten things to know", "READ MORE: Minister resigns", "Also: See our full coverage",
            "WATCH: The chase on video",
             "Don't miss: the best of the week"),
        no=("More than this: she won", "Readers: beware", "Watch the skies: it is August"),
    ),
    Rule(
        id="en.read_more",
        reason=RemovalReason.RELATED,
        languages=EN,
        pattern=(
            r"(?:(?:to )?(?:read|see|find|watch|listen to|get|view|discover|explore|learn|hear|continue|"
            r"keep)(?: out)? (?:more|reading|watching|on)"
            r"(?: (?:about|of|on|from|in|at|here|stories|coverage|news|by|like)\b| and |$|: )|(?:you can )?(?:read|see|"
            r"view|find) (?:the |our |his |her |"
            r"their |all |this )?(?:full |complete |entire |original |whole |rest |latest |previous |"
            r"earlier )(?:of )?(?:the |this |our )?(?:\w+ )?"
            r"(?:story|article|report|interview|post|list|coverage|text|here|at|version|transcript)|"
            r"full (?:\w+ )?coverage\b(?: of| on|:|$)|"
            r"follow (?:our|all|the|\w+'s?)? ?(?:\w+ )?(?:full |live |latest |complete |pandemic |ongoing )*+coverage|"
            r"(?:click|tap|press|go)(?: here| on| to| below| through| the)(?: (?:link|image|photo|below|headline|"
            r"button))*+(?: (?:to|for|if|and)\b|"
            r"\W*$|:)|click (?:for|to)\b|(?:for|to see|to read) (?:more|all|the latest|further|full|"
            r"additional)(?: \w+){0,6},? "
            r"(?:\w+ )?(?:visit|click|go to|check|see|follow|read|here|subscribe|listen|tune)|"
            r"(?:visit|check out|head (?:over )?to|go to|explore|browse|bookmark) (?:our|the|us|all|"
            r"more)\b.{0,60}\b(?:page|site|website|hub|"
            r"section|homepage|coverage|archive|store|shop|channel|guide|here|collection)\b|check out (?:more|all|our|"
            r"these)\b|"
            r"you can (?:read|view|find|see|listen to|watch|follow) (?:more|our|the|all|it)\b.{1,80}\bhere$|"
            r"find .{2,40} at https?://|"
            r"full .{1,40} coverage here$)(?!.{0,100}:$)",
        ),
        how=How.START,
        where=Where.INSIDE,
        max_words=22,
        yes=(
            "Read more about the storm here.", "Click here for the poll results.", "Click for more from a paper.",
            "Full coverage: the election",
             "For more news, visit our homepage", "Read the full story", "You can view our June thread here.",
             "Continue reading"),
        no=(
            "Read more slowly, she told them.", "To learn more than the basics takes years",
            "Learn more about each of the planets:", "Hard work is key here",
            "Watch on the Rhine was a song", "Find out who won",
            "Click beetles live here and there, in the dead wood of old trees"),
    ),
    Rule(
        id="en.page_talk",
        reason=RemovalReason.NAVIGATION,
        languages=EN,
        pattern=(
            r"(?:(?:your|this) browser (?:does not|doesn't|is)|please (?:enable|turn on) (?:javascript|cookies)|"
            r"javascript (?:is|must|needs)|"
            r"enable javascript|this (?:video|content|site|page|feature) (?:is not available|is no longer|requires|"
            r"can ?not be|isn't|is protected)|"
            r"an error (?:has )?occurred|there was an error|something went wrong|page not found|we(?:'re| are) sorry|"
            r"thanks? (?:you )?for (?:watching|reading|visiting|signing|subscribing|sharing|your (?:feedback|interest|"
            r"support))|"
            r"use (?:left|right|arrow|up|down)|press (?:esc|enter|space)|loading|please wait|skip (?:to|past|ad)|"
            r"we are committed to (?:truth|accuracy)|read our (?:editorial|comment|privacy)|report (?:a|an) (?:typo|"
            r"error|mistake|correction)|"
            r"(?:spotted|found|see|noticed) (?:a|an) (?:typo|error|mistake)|suggest a correction)",
        ),
        how=How.START,
        max_words=40,
        yes=(
            "Your browser does not support this tag.", "Thanks for watching!",
            "There was an error processing your request.",
             "Read our editorial standards.", "Spotted a mistake? Tell us"),
        no=("This video game is fun", "We were sorry to hear of it"),
    ),
    Rule(
        id="en.tags_line",
        reason=RemovalReason.NAVIGATION,
        languages=EN,
        pattern=(
            r"(?:tags?|categor(?:y|ies)|filed (?:under|in)|topics?|posted in|keywords?|labels?|sections?|more (?:about|"
            r"on)|theme|region|"
                 r"related (?:topics?|tags?)|tagged(?: as| with| in)?|read time|reading time|"
                 r"in-depth report)\s?[:|] ?\S|(?:filed under|tagged (?:with|as)) \S",),
        how=How.START,
        max_words=25,
        yes=("Tags: war, peace", "Filed under: Politics |", "Topics: Economy", "Region: North"),
        no=("Tags are sewn in by hand", "Topics ranged from art to war"),
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
)  # fmt: skip
