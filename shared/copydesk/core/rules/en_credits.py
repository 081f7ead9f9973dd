"""English rules for who made a text and its pictures: credits, bylines, captions."""

from __future__ import annotations

from copydesk.core.rules.marks import CAPTION_WORDS, NETWORKS
from copydesk.core.rules.model import How, Rule, Where
from copydesk.models import RemovalReason

EN = ("en",)
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
    Rule(
        id="en.contributed",
        reason=RemovalReason.CREDIT,
        languages=EN,
        pattern=(
            rf"\bcontribut(?:ed|ing|ion|e)\b(?: (?:reporting|research|writing|video|photos?))?(?: (?:to|for|"
            rf"from) (?:this|the|our) "
            rf"(?:\w+ )?{_TEXT}|.{{0,40}}\breporting\b)|^contributed\b.{{0,60}}$|"
            rf"\bprovided (?:additional )?(?:reporting|research)|"
            r"\breport(?:ing|ed) (?:for|on) this (?:story|article)\b.{0,80}\b(?:supported|funded)",
        ),
        how=How.WITHIN,
        needs=("contribut", "provided", "reporting for", "reported for"),
        max_words=50,
        yes=(
            "Jane Doe contributed to this report.", "A news agency contributed reporting.",
            "contributed to this article.",
             "The desk writers A, B and C contributed to this story from Rome."),
        no=("Smoking contributed to his death.", "The senator contributed to the campaign."),
    ),
    Rule(
        id="en.reporting_by",
        reason=RemovalReason.CREDIT,
        languages=EN,
        pattern=(
            r"(?:additional |further |original |with |local |extra |more )*+(?:(?:reporting|reported|writing|editing|"
            r"compiled)"
            r"(?:,? and |, |/| & | )?){1,3} ?by:? [^\W\d_]|(?:additional |further )(?:\w+ )?(?:reporting|research|"
            r"writing|editing)\b|"
            r"(?:edited by|editors?|compiled by|producers?|written by|translated by): [^\W\d_]",
        ),
        how=How.START,
        max_words=50,
        yes=(
            "Reporting by A. Writer; editing by B. Editor", "(Reporting by A. Writer, with reporting by C.)",
            "Edited by: Jane Doe"),
        no=("Reporting of crime rose", "Reporting: which figures count"),
    ),
    Rule(
        id="en.made_by",
        reason=RemovalReason.CREDIT,
        languages=EN,
        pattern=(
            r"(?:(?:written|edited|translated|translation|produced|research|photography|text|words|story|video|"
            r"graphics?)"
            r"(?:,? and |, |/| & | )?){1,3} ?by:? [^\W\d_].{1,80}",
        ),
        max_words=10,
        yes=("Written by Jane Doe", "Edited by Jane Doe and John Roe", "Text and video by Jane Doe"),
        no=("Written rules exist", "Produced water is a by-product",
            "Written by a retired judge of great renown, this book is the first of its kind to tell the story of the court."),
    ),
    Rule(
        id="en.with_reporting",
        reason=RemovalReason.CREDIT,
        languages=EN,
        pattern=(
            r"with (?:additional |further )?(?:reporting|files|inputs?|agency|agencies|research(?: help)?|\w+ wires?|"
            r"wires?|"
            r"wire reports?|reports?)\b(?:,? (?:and|from|by|in|inputs?|wires?|agenc\w+|reports?|services?) ?.{0,60})?",
        ),
        where=Where.END,
        max_words=14,
        yes=(
            "With additional reporting from Paris", "With files from the wires", "With agency inputs",
            "With Post wires"),
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
        pattern=(
            r"(?:more |all |view all |other |latest |read (?:more|all) |see (?:more|all) )++(?:articles?|stories|"
            r"posts?|content|columns|"
                 r"work|news) (?:by|from|in)\b|(?:articles?|stories|posts?|columns) by\b|about the authors?|"
                 r"view (?:full )?(?:bio|profile|all)",),
        how=How.START,
        max_words=9,
        yes=("Articles by: Jane Doe", "More stories by Jane Doe", "About the Author"),
        no=("Stories by the fire are a tradition in these hills and in many others", "Work in small steps"),
    ),
    Rule(
        id="en.bio",
        reason=RemovalReason.BYLINE,
        languages=EN,
        pattern=(
            rf"(?:[A-Z][\w.'-]{{0,24}} ){{2,4}}(?:(?:is|was|are|has been) (?:an? |the |our )?(?:{_ROLE}){{0,4}}"
            rf"(?:[\w-]+ ){{0,4}}(?:and )?(?:[\w-]+ ){{0,2}}{_OCCUPATION}\b|(?:covers|writes|reports) (?:about|on|"
            rf"for)\b)",
            rf"{_OCCUPATION} (?:for|at|with|based|in|on|covering|and|who|of|,)|(?i:follow|{NETWORKS}):? ?@|"
            rf"(?i:follow (?:him|her|them|\w+)) |(?:covers|writes|"
            r"reports) (?:about|on|for)|(?i:author of|her (?:latest|new|book|column)|his (?:latest|new|book|column))",
        ),
        how=How.START,
        where=Where.END,
        cased=True,
        max_words=80,
        yes=(
            "Jane Doe is a staff writer for the paper.",
            "Jane Doe is a senior reporter covering health. Follow her @jdoe",
             "John Roe is the author of three books and a columnist at the paper."),
        no=("Jane Doe is a nurse who saw the crash.", "The town is a haven for writers."),
    ),
    Rule(
        id="en.photo_credit",
        reason=RemovalReason.CAPTION,
        languages=EN,
        pattern=(
            r"(?:file |featured |cover |main |lead |banner |top |stock |header |press |ap |handout |representational |"
            r"representative )*+"
            r"(?:photo(?:graph|s|graphs)?|images?|pictures?|pics?|illustrations?|graphics?|screenshots?|screen ?grabs?|"
            r"artwork|"
            r"photographer|photography|infographic|credits?|courtesy|map|chart)"
            r"(?: ?(?:credits?|courtesy|source|caption|via|by|from|of|©))*+\s?[:|©] ?\S|(?:photo|image|"
            r"picture)(?: credit)? - \S|"
            r"file(?: photo)?\s?[:|-] ?\S",
        ),
        how=How.START,
        max_words=CAPTION_WORDS,
        yes=("Photo: Jane Doe", "Image credit: an agency", "Featured image: A Paper", "FILE PHOTO: The hall.",
             "Photographer: Jane Doe/Agency", "Picture courtesy: a studio"),
        no=(
            "Photos of the scene spread online", "Images show the damage", "Map makers disagree",
            "File sharing is legal",
            "Pictures: 1000 words each, she used to tell her students before each of the long walks that she took with them "
            "through the old town and down to the river and back"),
    ),
    Rule(
        id="en.photo_by",
        reason=RemovalReason.CAPTION,
        languages=EN,
        pattern=(
            r"(?:(?:featured |cover |main |lead |stock |all |file )*+(?:photo(?:graph|s|graphs)?|images?|pictures?|"
            r"illustrations?|graphics?|videos?|"
            r"artwork|photography|credits?) )?(?:by|via|courtesy(?: of)?|provided by|supplied by|"
            r"courtesy photo) \S.{1,60}",
            r"^(?:featured |cover |main |lead |stock |all |file )*+(?:photo|image|picture|illustration|graphic|video|"
            r"artwork|credit|courtesy)",
        ),
        max_words=9,
        yes=(
            "Photo by Jane Doe", "Courtesy of the museum", "Images courtesy of a studio",
            "Illustration by Jane Doe for the paper"),
        no=(
            "Images from the crash show little",
            "Courtesy of the town they could all go there and drink as much as they liked", "By train"),
    ),
    Rule(
        id="en.file_photo",
        reason=RemovalReason.CAPTION,
        languages=EN,
        pattern=(
            r"(?:file (?:photo|pic|picture|image)|file -+|(?:-+ )?in this (?:[\w./-]+,? ){0,4}(?:photo|image|picture|"
                 r"frame grab|screengrab|handout)\b|(?:a|an) (?:undated )?(?:file|handout) (?:photo|picture|"
                 r"image)\b)",),
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
        pattern=(
            r"(?:\((?:ap photo|ap/|file\b|(?:photo|image|picture|credit|courtesy|photo credit)(?: by|:| courtesy| of|"
            r" credit|/)|reuters|getty|"
                 r"handout)[^()]{0,80}|/ ?(?:file photo|handout|pool|"
                 r"file|afp|ap|getty(?: images)?|reuters)|\bvia (?:ap|getty images|reuters|afp)|(?<=\w )(?:/|"
                 r"\|) ?getty images|"
                 r"(?:photo|image|picture|file photo)(?: by|:) [^.]{3,50})$",),
        how=How.WITHIN,
        needs=(
            "photo", "image", "picture", "getty", "reuters", "/ap", "/afp", "via ap", "pool", "handout", "courtesy",
            "credit:",
               "credit by", "(ap ", "/file", "/ ap"),
        max_words=CAPTION_WORDS,
        yes=("The minister leaves the hall. (Photo: A. Doe)", "Protesters on the bridge. A. Doe/Getty Images",
             "The hall on Monday (AP Photo/A. Doe)"),
        no=("Wallet (credit/debit cards)", "He sold the photo.", "The sheriff took a picture", "See the images"),
    ),
    Rule(
        id="en.caption_words",
        reason=RemovalReason.CAPTION,
        languages=EN,
        pattern=(
            r"(?:(?:hide|toggle|show|view|read) (?:full )?caption|enlarge(?: this)? image|(?:click|tap) (?:image |"
            r"photo )?to (?:enlarge|expand|"
            r"view)|open (?:image|gallery).{0,20}|(?:view |full |photo |picture )?(?:gallery|slideshow|slide show)|"
            r"image|photo|"
            r"pullquote|pull quote|audio-clip|embed|caption|media caption|image caption|image copyright|image source|"
            r"(?:play|watch|pause|replay) (?:the )?(?:video|now|again)|watch|video playback.{0,60}|loading (?:video|"
            r"player).{0,20}|"
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
