# What the pages say around the sentences. `<b>`, `<code>` and links may stand in messages whose
# name ends in `-html`; all others are plain text.

## Around every page.

skip = Skip to content
nav-main = Main
nav-outages = Outages
nav-about = About
nav-api = API
scheme = Colours
scheme-system = as on this device
scheme-light = light
scheme-dark = dark
language = Language
as-of-html = Updated at { $time }
# $zone is filled in by the script: the visitor's time zone.
zone = Times are in your own time zone, {"{zone}"}.
copy-html = This is a copy as of { $time }, for when the live page cannot be reached: <a href="{ $url }">{ $url }</a>
reload = Reload
footer = We check sites from outside, as any visitor would.
footer-how = How it works
footer-feed = Feed of all outages
page-title = { $title } · { $brand }
live-on = This page updates itself.
live-lost = Connection lost at {"{time}"}. We keep trying; what you see is from that moment.
live-poll = This page refreshes every 30 seconds.
notice-refusing = { $minutes ->
    [0] We cannot save any history at the moment. What you see is live.
   *[other] We have not been able to save any history for { $long }. What you see is live.
}
notice-held = { $minutes ->
    [0] Our disk is refusing writes, so the history is waiting in memory. What you see is live.
   *[other] Our disk has been refusing writes for { $long }, so the history is waiting in memory. What you see is live.
}
notice-away = { $minutes ->
    [0] The history is waiting for its database. What you see is live; longer charts may be incomplete.
   *[other] The history has been waiting for its database for { $long }. What you see is live; longer charts may be incomplete.
}
notice-overload = { $minutes ->
    [0] We have more checks to make than we can manage, so some are late or skipped. No site is called slow or down because of that.
   *[other] For { $long } we have had more checks to make than we can manage, so some are late or skipped. No site is called slow or down because of that.
}

## The search.

search-label = Is that site up right now?
search-example = slack.com
search-button = Check

## The front page.

front-title = { $mark } { $heading }: is that site down right now?
front-first-looks = The first checks are on their way.
front-wrong = Having problems now
front-wrong-else = Also having problems
front-recent = Recently recovered
front-back = up again
front-back-after = after { $long }
front-state = { $status } for { $long }
# Said of the only one, which the heading of the page names.
front-event-cause = probably one cause
front-event-more = { $n } more
front-unusual = { $n ->
    [one] 1 of them is not answering as usual
   *[other] { $n } of them are not answering as usual
}
front-wrong-more = { $n ->
    [one] 1 more
   *[other] { $n } more
}
front-filter = Filter and sort
front-filter-all = all
front-filter-status = Status
front-filter-tag = Category
front-sort = Sort by
front-sort-tag = category
front-sort-status = worst first
front-sort-name = name
front-sort-latency = slowest first
front-sort-uptime = lowest uptime first
front-sort-go = Sort
front-group-all = All { $n }
front-meant = Did you mean { $name }?
front-found = { $n ->
    [0] { $what }: none
    [one] { $what }: 1 site
   *[other] { $what }: { $n } sites
}
front-found-up = { $n ->
    [0] No sites are up
    [one] 1 site is up
   *[other] { $n } sites are up
}
front-found-unknown = { $n ->
    [one] 1 site: status unknown
   *[other] { $n } sites: status unknown
}
front-found-for = { $n ->
    [0] Nothing found for “{ $q }”
    [one] 1 site for “{ $q }”
   *[other] { $n } sites for “{ $q }”
}
front-found-none = None of the sites that we watch matches that. Check the spelling, or type a full address such as example.com.
front-found-none-bad = That is good news.
front-found-none-of-these = Every one of these sites has another status.
front-found-none-known = { $n ->
    [one] But of 1 site we do not know how it is doing.
   *[other] But of { $n } sites we do not know how they are doing.
}
front-see-all = See all sites
front-others = Other sites
front-all = All sites
front-unavailable = not available here
front-restricted = turns robots away
front-away = turns us away
pages-label = Pages
page-of = Page { $page } of { $pages }
page-previous = Previous
page-next = Next
tag-work = Work
tag-dev = Developer tools
tag-cloud = Cloud
tag-shop = Shopping
tag-dutch = Netherlands
tag-social = Social media
tag-games = Games
tag-video = Video
tag-government = Government
tag-news = News
tag-chat = Chat
tag-bank = Banks
tag-ai = AI
tag-travel = Travel
tag-search = Search
tag-telecom = Internet and phone
tag-music = Music
tag-mail = Email

## The page of a site.

site-title = { $mark } Is { $name } down right now? { $answer }
site-answer-up = No, it is up
site-answer-back = { $minutes ->
    [0] No, it is up again
   *[other] No, up again for { $long }
}
site-answer-slow = { $minutes ->
    [0] No, but it is slow
   *[other] No, but slow for { $long }
}
site-answer-partial = { $minutes ->
    [0] In some places
   *[other] In some places, for { $long }
}
site-answer-down = { $minutes ->
    [0] Yes
   *[other] Yes, for { $long }
}
site-answer-unknown = We cannot tell
site-description = { $summary } Checked { $ago }.
site-back-html = It was down for { $long }, until { $time }
site-back-partial-html = It was partly down for { $long }, until { $time }
site-cause = { $n ->
    [one] Likely cause: { $name } · 1 site affected
   *[other] Likely cause: { $name } · { $n } sites affected
}
site-cause-left = { $n ->
    [one] Failed together with { $name }, which seems to have recovered · 1 site affected
   *[other] Failed together with { $name }, which seems to have recovered · { $n } sites affected
}
site-checked-html = Checked { $ago }
site-details = Technical details
site-last = Last check
site-phases = The last check took { $total }: { $parts }.
site-phases-together = Total
site-phases-failed = Until it failed
phase-dns = DNS
phase-connect = Connect
phase-tls = TLS
phase-wait = Waiting
phase-transfer = Download
fact-latency = Response time
fact-usual = Usual response time
fact-http = HTTP status
fact-protocol = Protocol
fact-address = IP address
fact-elsewhere = From { $region }
site-status-page = Its own status page
fact-redirected = Redirects to
fact-certificate = Certificate valid until
fact-certificate-expired = expired
fact-certificate-soon = expires in { $long }
fact-provider = Hosted by
fact-names = DNS by
fact-authority = Certificate issued by
fact-depends = Depends on
fact-interval = Checked every
site-restricted = The server answers, but turns robots like ours away. That is its choice, not an outage: people with a browser can most likely get in. It also means that we cannot see whether the pages behind it work.
site-away = The server answers, but turns us away. We cannot see whether people with a browser get in, or whether the pages behind it work.
site-unavailable = The server says that the site is not available from where we check ({ $how }), most likely for legal reasons. People elsewhere may well get in.
site-restricted-how = The server answers, but turns robots like ours away ({ $how }). That is its choice, not an outage: people with a browser can most likely get in. It also means that we cannot see whether the pages behind it work.
site-uptime = Uptime
uptime-24h = 24 hours
uptime-7d = 7 days
uptime-30d = 30 days
uptime-90d = 90 days
site-uptime-none = no data yet
site-watched-since-html = Watched since { $time }.
site-uptime-note = Rounded down. Slow counts as up; time that we did not watch does not count.
site-uptime-early = Not watched for long enough yet to give a figure.
site-uptime-away = Our record cannot be read right now; the figures will come back by themselves.
site-recent = Recent checks
site-recent-good = The last { $n } checks, oldest first: all passed.
site-recent-bad = The last { $n } checks, oldest first: { $failed } failed.
site-recent-key = Taller is slower (the tallest took { $most }); amber is slow; a full red bar with a cross is a failed check.
site-recent-table = Show as a table
site-recent-caption = Recent checks, newest first
site-recent-none = None yet.
site-regions = Where we check from
site-regions-caption = What each region saw last
region-since = since
# Why a region does not count for the verdict, after what it saw.
why-not-clock = Does not count: its clock is wrong.
why-not-rules = Does not count: it runs another version.
why-not-overload = Does not count: it cannot keep up.
why-not-network = Does not count: its own network does not work.
why-not-silent = Does not count: it has had no usable result lately.
why-not-settling = Does not count yet: it has only just started, or resumed, checking this site.
site-outages = Outages
site-outages-never = Not checked yet, so none that we know of.
site-outages-none = None that we have seen.
site-outages-away = Our record cannot be read right now, so we cannot list them.
outage-seen-from = Seen from { $places }
site-outages-all = All outages of { $name }
site-share = Share
site-share-short = Share
site-copy = Copy
site-copied = Copied
site-copy-by-hand = Selected: now copy it
site-json = This page as JSON
table-of = { $what }, table
th-site = Site
th-when = When
th-from = From
th-saw = What we saw
th-http = HTTP
th-latency = Latency
th-region = Region
th-status = Status
th-last = Last check
th-until = Until
th-long = Duration
th-seen = Seen from
saw-answered = it answered
saw-restricted = it answered, but turned us away
saw-attempts = { $saw }, after { $n } attempts
answered = answered
outage-event = Part of a larger incident
outage-going-on = ongoing
none = –

## Outages.

outages-of = Outages of { $name }
outages-description = When sites were down, slow, or out of reach from some places; newest first.
outages-zone = Days and times on this page are in UTC.
outages-filter = Filter
outages-any = any
outages-show = Show
# $what: `nav-outages` or `outages-of`. $span: a day or a month.
outages-in = { $what }, { $span }
# $long: how long all of them together.
outages-sum = { $n ->
    [one] 1 outage, { $long }
   *[other] { $n } outages, { $long } in total
}
outages-event = { $name } seemed to be failing
outages-event-now = { $name } seems to be failing
# How many of the outages of an event were of a kind.
outages-count-down = { $n } down
outages-count-partial = { $n } partly down
outages-count-slow = { $n } slow
outages-months = Other months
outages-now = now
outages-unknown-site = We do not know a site called “{ $site }”.
outages-none-fit = No outages match these filters.
outages-only = Only:
outages-without = Without the filter { $what }
outages-newer = Newer
outages-older = Older
outages-away = Our record cannot be read right now. These are the last few outages of each site, from memory.

## One outage. $name: the site. $long: how long it lasted.

outage-was-down = { $name } was down
outage-was-partial = { $name } was partly down
outage-was-slow = { $name } was slow
# $what: one of the three before.
outage-title = { $what } for { $long }, { $date }
# The same without a date, for feeds.
outage-ended = { $what } for { $long }
outage-description = { $what } from { $start } to { $end }: { $long }.
outage-description-why = { $what } from { $start } to { $end }: { $long }. What we saw: { $why }.
outage-description-still = { $what } (since { $start }).
outage-description-still-why = { $what } (since { $start }). What we saw: { $why }.
outage-until-now = still going on
outage-until-unknown = not known yet
outage-facts = In short
outage-part = Part of an incident at { $provider }
outage-course = What happened
outage-course-for = for { $long }
outage-evidence = Evidence
outage-evidence-text = An outage counts from the first check that failed to the first good one. Copies of the checks that settled it are kept with it for good.
outage-evidence-slow = An outage counts from the first slow check to the first good one. Copies of the checks that settled it are kept with it for good.
outage-opened = Checks that opened it
outage-closed = Checks that ended it
outage-copies-none = No copies were kept of the checks that made this outage.
outage-away = Our record cannot be read right now. What you see is from memory; the course of the outage and its checks will be back when the record is.
outage-away-title = We cannot show this outage right now
outage-away-text = Our record cannot be read. Please try again in a minute.
outage-missing = No such outage
outage-missing-text = There is no outage at this address. It may have been withdrawn because the problem was ours.
outage-more = More
outage-month = All outages in { $month }
outage-site = { $name } now
outage-json = Its checks as JSON
outage-link = Link to this outage

## A domain that we do not watch.

missing = We don’t watch { $wanted }
missing-so = So we cannot tell you whether it is up.
missing-near = { $n ->
    [one] Did you mean this site?
   *[other] Did you mean one of these?
}

## Trouble.

error-400 = Wrong address
error-400-text = Something in this address is not right.
error-400-names = We cannot use the value that this address gives for: { $names }.
error-404 = Page not found
error-404-text = There is nothing at this address. You can check any site in the field above.
error-405 = Not allowed here
error-405-text = This address does not support that method; the Allow header lists those that it does.
error-414 = Too long
error-414-text = That is more text than we can read. The name of a site is enough, such as slack.com.
error-429 = Too many requests
error-429-text = You have sent more requests than we allow one visitor. Please wait a minute and try again.
error-503 = Not available right now
error-503-text = We cannot show this right now. Please try again in a minute.
error-500 = Something broke on our side
error-500-text = Sorry, this is our own fault. Please try again in a minute.
error-last-known-html = What we knew at { $time }:

## How we know.

about-title = How it works
about-description = How we find out whether a site is up, and what we do not claim.
about-intro-html = { $sites ->
    [one] We watch one site from <b>{ $regions }</b>.
   *[other] We watch { $sites } sites from <b>{ $regions }</b>.
} We request the page of each one over and over, on a new connection every time, as a visitor’s browser would: most of them every { $interval }. This is how we decide what to say.
about-intro-here-html = { $sites ->
    [one] We watch one site.
   *[other] We watch { $sites } sites.
} We request the page of each one over and over, on a new connection every time, as a visitor’s browser would: most of them every { $interval }. This is how we decide what to say.
about-words = What our words mean
about-up = It answers, and in good time.
about-slow = It answers, but much later than it usually does: more than three times its own usual response time and more than a second (unless the site has a limit of its own), several times in a row.
about-partial = It cannot be reached from some of the places that we check from, but it can from most.
about-down = It cannot be reached or answers with an error, and a second check on a new connection said the same.
about-unknown = We have no recent check, or what the last one said is not confirmed yet. What we do not know, we never show as up.
about-confirm = Every failure is confirmed
about-confirm-text = One failed check does not make an outage, and one good check does not end it: either way we check again. Once an outage is confirmed, it counts from the first failed check to the first good one.
about-doubt = We doubt ourselves first
about-doubt-text = When most sites that have nothing to do with each other get into trouble at the same time, whether they fall silent, fail in the same way or become slow, the likeliest cause is our own connection. We then say that we cannot tell until something shows that it is not us, and we take back what we said about sites just before, in the record too. Where there is nothing else to ask, we say that we cannot tell whether it is the site or our own connection.
about-restricted = Turned away is not down
about-restricted-text = Many sites turn robots away, with a status such as 403 or with a page that asks whether you are human. They answer, so they are up; a note says that we were turned away, because then we cannot see whether the pages behind it work.
about-fresh = How up to date it is
about-fresh-text = Every page says when we last checked. If the checks of a site stop, its status becomes unknown once it has missed about two. Time that we did not watch counts neither as up nor as down.
about-lookup = When you check a site that we do not watch
about-lookup-text = We then check its front page at once, over https or http; whatever looks wrong is checked again before we say so. One result serves everybody for { $cache }. You can ask for { $budget } new checks a minute; after that we show what we knew last.
about-lookup-public = We only check addresses on the public internet, at the ports { $ports }, and never with a user name or a password; we do not follow redirects to anywhere else.
about-lookup-private = Every visitor is trusted here: we check private addresses, and any port, as well.
about-lookup-kept = For at most { $hours } hours we remember how many visitors looked a site up and how many reported a problem with it, in five-minute steps, and for a week how many reported one each day. None of this is ever written to disk, nor is who they were. So that nobody counts twice within an hour, a salted hash of your address stays in memory; it is thrown away every day, together with its salt.
about-lookup-you = “Is it just me?” When you press that button, and not before, your own browser asks the site for its page, without cookies and without saying where you come from. The result stays in your browser.
about-lookup-report = “I have a problem too” tells us that and nothing else. It counts you once an hour and changes no verdict.
about-claims = What we do not claim
about-claim-you = That a site works for you: your connection, your internet provider, your account or your country may differ.
about-claim-part = That every part of a site works: we request one page; we do not log in or buy anything.
about-claim-fault = That an outage is the site’s own fault: something on the way to it may be broken.
about-claim-between = That nothing happened between two checks: we may miss what is shorter than that.
about-privacy = What we know about you
about-privacy-text = We set no cookies, load nothing from third parties and do not record who you are.

## Charts.

chart = Latency
chart-window = Window
chart-24h = 24 hours
chart-7d = 7 days
chart-30d = 30 days
chart-90d = 90 days
chart-region = Checked from
chart-all-regions = all places
chart-words = Typical response time: { $typical }; 95% of checks within { $high }.
chart-from-to = { $from } to { $to }
chart-slice = { $when }: typically { $middle }, slowest 5% above { $high }
chart-slice-gap = { $when }: no data
chart-slice-idle = { $when }: no check was due
chart-slice-failed = { $when }: every check failed
chart-slice-down = { $said }; down for { $long }
chart-slice-slow = { $said }; slow for { $long }
chart-none = There is nothing to show yet.
chart-away = Our record cannot be read right now; the chart will come back by itself.
chart-keys = Arrow keys move along the chart.
chart-median = typical (median)
chart-p95 = up to the slowest 5%
chart-outage = down
chart-slow = slow
chart-limit = slow above { $limit }
chart-gap = no data
chart-table = Show the values as a table
chart-caption = Latency by time, newest first
th-median = Typical (median)
th-p95 = 95% within
th-checks = Checks
th-failed = Failed
th-uptime = Uptime
th-day = Day
th-down = Down for
days-title = The last 90 days
days-words = Uptime of the last 90 days, one bar per day, oldest first: { $good ->
    [one] 1 day
   *[other] { $good } days
} without an outage{ $bad ->
    [0] {""}
   *[other] , { $bad } with one
}{ $gap ->
    [0] .
   *[other] , { $gap } not watched.
}
# The legend: how a bar's colour and height are to be read.
days-good = no outage
days-some = slow, or down for less than an hour
days-bad = down for an hour or longer
days-gap = not watched
days-open = Show the outages of this day
day-outage = { $status } for { $long }
days-today = today
days-table = Show the days as a table
day-gap = { $date }: { $none }
day-good = { $date }: { $uptime }
day-down = { $date }: { $uptime }, down for { $long }
# The page with the values of the charts as tables.
values-title = { $name } in figures
values-description = Response time and uptime of { $name } in figures, by time and by day.
values-failed = { $failed } of { $checks } checks failed
values-failed-all = { $n ->
    [one] the only check failed
   *[other] all { $n } checks failed
}

## A lookup.

missing-refused = We can’t check “{ $wanted }”
missing-meant = Check { $meant }
refused-empty = There is no name in it. Type one, such as slack.com.
refused-long = That is longer than any address of a site. Its name is enough, such as slack.com.
refused-scheme = We only check sites over http and https. Type a name such as slack.com.
refused-credentials = It contains a user name or a password. Leave them out.
refused-name = That is not a name that a site can have. Type one such as slack.com.
refused-dot = That is not the full name of a site. Did you mean { $meant }?
refused-port = We do not check port { $port }, only the ports that websites use.
refused-special = { $address } is not an address on the public internet. We only check public sites.
refused-file = No site has a name that ends in .{ $ending }: that is a file.
refused-ending = Names that end in .{ $ending } are not on the public internet. We only check public sites.
refusing-off = Other sites cannot be checked here.
refusing-budget = You have checked many sites just now. Please wait { $wait } s.
refusing-busy = A great many people are checking sites right now. Please try again in a moment.
error-403 = Only from our own pages
error-403-text = This can only be sent from our own pages.
lookup-title = Is { $name } down right now?
lookup-description = Is { $name } up or down right now? Checked from outside, just for you.
lookup-looking = Checking { $name }…
lookup-again-failed = The first check failed: { $why }. Checking again, to be sure…
lookup-again-slow = The answer was slow. Checking again, to be sure…
lookup-visitors = { $times } visitors checked it in the last hour.
lookup-visitors-down = { $times } visitors checked it in the last hour; { $down } of them found it down.
lookup-reports-none = No reports in the last 24 hours.
lookup-reports-day = { $day ->
    [one] 1 report in the last 24 hours, none in the last hour.
   *[other] { $day } reports in the last 24 hours, none in the last hour.
}
lookup-reports-hour = { $hour ->
    [one] 1 report in the last hour.
   *[other] { $hour } reports in the last hour.
}
reports-bar = { $n ->
    [one] 1 report
   *[other] { $n } reports
}
# The level of a usual day of the last week, as a line. $days: from how many days that is known.
reports-usual = usual level, from { $days ->
    [one] one day
   *[other] { $days } days
}: { $n ->
    [one] 1 report a day
   *[other] { $n } reports a day
}
reports-chart = Reports in the last 24 hours, one bar per half hour; the tallest stands for { $most }.
lookup-thanks = Thank you, your report counts. It does not change our verdict.
lookup-counted = Your report already counts this hour.
lookup-last = This is what we knew last.
lookup-kept-away = What you asked for is not on the public internet, or is not a website. If that surprises you, the name may lead somewhere other than you think.
lookup-unavailable = The server says that the site is not available from where we check ({ $how }). People elsewhere may well get in.
lookup-restricted = The server answers, but turns us away ({ $how }). We cannot see whether people with a browser get in.
fact-attempts = Attempts
fact-alias = Alias of
fact-redirects = { $url } ({ $n } redirects)
fact-certificate-left = { $date } ({ $long } left)
fact-certificate-over = { $date }: expired
just-me = Is it just me?
just-me-what = The test runs in your own browser, and we do not see the result.
just-me-counts = A report counts once an hour, without your name.
just-me-trying = Asking from your browser…
just-me-everybody-html = Your browser gets no answer either: <b>it is down for everybody</b>, as far as the two of us can tell.
just-me-neither-html = Your browser gets no answer, and we get an error: <b>it works for neither of us</b>.
just-me-here-html = Your browser gets an answer and we do not: <b>it looks down only from where we check</b>.
just-me-also-html = Your browser reaches it, and so do we, but we get an error. <b>Your browser may well get the same error</b>, which this test cannot see. Open it yourself:
just-me-partly-html = Your browser gets an answer: <b>it works for you, but not from everywhere</b>.
just-me-partly-you-html = Your browser gets no answer either: <b>it is not just you</b>. The site answers from some places but not from others.
just-me-you-html = We get an answer and your browser does not: <b>it looks like it is just you</b>. It may be your connection, a filter in your network or a browser extension.
just-me-slow-html = It answers, but your browser waited <b data-seconds></b> s: <b>it is slow only for you</b>.
just-me-slow-all-html = It answers, but your browser waited <b data-seconds></b> s: <b>it is slow for you and for us</b>.
just-me-slow-here-html = Your browser gets an answer too, in <b data-seconds></b> s: <b>you may not notice that it is slow for us</b>.
just-me-turned-html = Your browser reaches it too. <b>It may be turned away as we are</b>, which this test cannot see. Open it yourself:
just-me-kept-html = The site keeps its answers from pages of others, so <b>this test cannot tell whether your browser gets one</b>. Open it yourself:
just-me-fine-html = Your browser gets an answer too, in <b data-seconds></b> s: <b>it is fine</b>.
just-me-mixed = Your browser does not let an encrypted page like this one ask a site that has no encryption. Please open the address yourself.
just-me-unknown-html = We have no verdict to compare with. Your browser: <b data-own></b>.
just-me-report = I have a problem too
just-me-reported = Reported ✓
just-me-bell = Notify me
just-me-bell-notice = Keep this tab open: you get a notification when it is over or changes.
just-me-bell-title = Your browser shows no notifications from here. Keep this tab open: its title says when it is over.
lookup-again = Check again
lookup-json = This as JSON

## A provider.

provider-title = Is { $name } down right now?
provider-state-html = Since { $since } · recognised at { $noticed }
provider-evidence = { $n ->
    [one] 1 of its sites ran into trouble. This is our own observation, not a statement by { $name }.
   *[other] { $n } of its sites ran into trouble within minutes of each other. This is our own observation, not a statement by { $name }.
}
provider-sites = Sites at { $name }
provider-sites-none = None of the sites that we watch is at { $name }, so we cannot tell how it is doing.
provider-own-trouble = a separate problem
provider-events = Incidents at { $name }
provider-events-none = None on record.
provider-events-away = The history cannot be read right now, so only what is going on is listed.
provider-events-more = { $n ->
    [one] and 1 more
   *[other] and { $n } more
}
provider-events-all = Newest
provider-events-older = Older
provider-events-json = Its incidents as JSON
provider-how = We know which sites are hosted here from our catalogue, or from the names, addresses and headers that our last checks saw.

## The picture of a link. $time: when what it says was true.

preview-as-of = As of { $time }

## Feeds.

feed-all = All outages
feed-site = Outages of { $name }

## The verdict as text, for command lines

text-last = What we knew last:
text-broke = Our own check failed. Please try again in a minute.
text-never = Not checked yet
text-seconds-ago = Checked { $n } s ago
text-ago = Checked { $long } ago
text-others = , looked up { $times } times in the last hour ({ $down } of them down)
text-over = over { $version }
text-from = from { $address }
text-in = in { $latency }
text-redirected = redirected to { $url }

## A card on somebody's page

embed-uptime = { $share } up in 30 days
embed-checked = checked { $time }
embed-unknown = This site
embed-unknown-word = not watched
embed-unknown-text = We do not watch this site, so we cannot tell whether it is up.

## For programs: the frame of the reference; what stands in its tables is English everywhere

api-title = API
api-description = The status of sites as JSON: verdicts, checks, outages, history, live changes, badges and feeds. Free to read, without a key.
api-intro-html = Everyone may read everything here, from any web page and without a key. Answers are JSON. Every field is always present and is <code>null</code> when the value is not known. Times are RFC 3339 in UTC, latencies are in milliseconds and shares run from 0 to 1. For code generators there is <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1), from which this page is made as well.
api-nav = On this page
api-start = Start
api-examples = Examples
api-follow = To follow changes in a browser:
api-endpoints = Endpoints
api-answer = Example answer
# What is folded below an endpoint.
api-parameters-fold = Parameters and answer
api-answer-fold = Answer
api-answer-schema = All its fields:
api-such-as = e.g.
api-parameters = Parameters
api-parameters-of = Parameters of { $what }, table
api-fields-of = Fields of { $what }, table
api-name = Name
api-value = Value
api-type = Type
api-means = Description
api-schemas = Schemas
api-schemas-title = Schemas of the API
api-schemas-text = Every object that the API answers with or takes, with its fields. In answers, every field is always present, and null when its value is not known.
api-errors = Errors
api-errors-html = Errors are <code>application/problem+json</code> (RFC 9457, schema <a href="{ $schemas }#Problem"><code>Problem</code></a>). Their <code>type</code> links to one of these:
api-conventions = Conventions
api-cache-html = <b>Caching.</b> Answers carry an <code>ETag</code>: send it back as <code>If-None-Match</code> and you get <code>304</code> while nothing has changed. <code>Cache-Control</code> says for how many seconds nothing can change: until the next check, 30 at most, and 1 while a check is running.
api-reach-html = <b>Access.</b> Every address also answers <code>HEAD</code> and <code>OPTIONS</code>, and pages of any origin may read it (CORS). gzip is used if you accept it. HTTP/1.1, and HTTP/2 with prior knowledge.
api-limits-html = <b>Limits.</b> If the operator limits requests per visitor, answers carry <code>RateLimit-Policy</code> and <code>RateLimit</code>: <code>"reads";q=600;w=60</code> means 600 a minute, and <code>"reads";r=12;t=3</code> means 12 left and one more in 3 seconds. An IPv6 network (/64) counts as one visitor.
api-cursors-html = <b>Pages.</b> Long lists come in pages: pass <code>next_cursor</code> as <code>cursor</code> until it is <code>null</code>. Items added in the meantime do not shift the pages.
api-else = Badges, feeds and other formats
api-else-text = None of these needs a key either. To make a badge or a card of your own:
api-address = Address
api-else-badge = Status badge, an SVG. Options: style, label, color, labelColor, lang
api-else-shields = The same for the endpoint badge of Shields
api-else-uptime = Uptime badge; window is 24h, 7d, 30d or 90d
api-else-latency = Badge of the typical response time; same windows
api-else-dot = Only the symbol of the status
api-else-days = The last 90 days as bars
api-else-card = Card for an iframe; theme is light or dark, lang is en or nl
api-else-preview = Picture for link previews, a PNG; also at /preview.png and /outages/{"{id}"}/preview.png
api-else-outage = Page of one outage; the last part of the address is its id
api-else-feed = Outages of all sites as Atom; also at /history.atom; lang=nl is Dutch
api-else-feed-json = The same as JSON Feed
api-else-feed-site = Outages of one site as Atom; also feed.json
api-else-curl = The verdict in three lines of text, for curl and wget
api-else-csv = CSV instead of JSON; also for outages and history
api-else-statuspage = The format of Statuspage for all sites; also status, components, incidents
api-else-statuspage-site = The same for one site
api-else-isitup = The format of isitup.org, for any site
api-else-gatus = Badges of Gatus; also uptimes and response-times
api-else-kuma = Badges of Uptime Kuma; also uptime, ping and cert-exp
api-else-openapi = Description of this API (OpenAPI 3.1)
api-else-health = Whether the service runs, and whether it knows enough to answer
api-else-metrics = Metrics for Prometheus
api-of-getSite = One site
api-of-listSites = All sites
api-of-getStatus = Summary
api-of-listChecks = Checks of a site
api-of-listOutagesOfSite = Outages of a site
api-of-getHistory = History of a site
api-of-listOutages = Outages of all sites
api-of-lookUp = Look up any site
api-of-listProviders = Providers
api-of-getProvider = One provider
api-of-listProviderEvents = Incidents of a provider
api-of-listRegions = Regions and agents
api-of-waitForSite = Waiting for a verdict
api-of-followEvents = Live changes

## Badges and cards: the page that makes them

badges-title = Badges and cards
badges-description = Show the status, uptime or response time of a site on your own page or in your README.
badges-kind = Type
badges-kind-status = Status badge
badges-kind-uptime = Uptime badge
badges-kind-latency = Response time badge
badges-kind-days = Last 90 days
badges-kind-dot = Status symbol
badges-kind-card = Card
badges-window = Period
badges-style = Style
badges-style-flat = flat
badges-style-flat-square = flat, square corners
badges-style-for-the-badge = large
badges-language = Language
badges-make = Make it
badges-preview-card = Open the card
badges-link = Link
badges-unknown = We do not watch a site called “{ $site }”. Its badge would say “unknown”.
badges-alt-status = Status of { $name }
badges-alt-uptime = Uptime of { $name }
badges-alt-latency = Response time of { $name }
badges-alt-days = { $name }, last 90 days
badges-more = More badges, cards and options
badge-uptime = uptime { $window }
badge-latency = latency { $window }
badge-days = last 90 days: { $share }
badge-days-up = { $share } up
share-link = Link to this page
share-feed = Outages of { $name } as a feed:
