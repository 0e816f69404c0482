# What the pages say around the sentences. `<b>`, `<code>` and links may stand in messages whose
# name ends in `-html`; all others are plain text.

## Around every page.

skip = Skip to the content
nav-main = Main
nav-sites = All sites
nav-outages = Outages
nav-about = How we know
nav-api = For programs
language = Language
as-of-html = As of { $time }
reload = Reload
footer = We look from outside, like any visitor.
page-title = { $title } · { $brand }
live-on = Live: this page updates by itself.
live-lost = We lost touch at {"{time}"} and are trying again; what you see is from then.
live-poll = This page asks again every half minute.
notice-refusing = Since { $since } nothing can be kept for the history. What you see is live.
notice-held = Since { $since } our disk takes nothing, and the history waits in memory. What you see is live.
notice-away = The record has been waiting for its database since { $since }; statuses are live, longer charts may end there.

## The search.

search-label = Is that site up right now?
search-again = Check another site
search-button = Look

## The front page.

front-title = { $mark } { $headline }
front-last-html = Last check of any site: { $time }.
front-first-looks = The first looks are on their way.
front-wrong = What is wrong now
front-wrong-more = { $n ->
    [one] And 1 more
   *[other] And { $n } more
}
front-filter = Filter
front-filter-all = all
front-filter-status = By status
front-filter-tag = By tag
front-sort = Sort
front-sort-tag = by tag
front-sort-status = worst first
front-sort-name = by name
front-sort-latency = slowest first
front-sort-uptime = most outages first
front-found = { $n ->
    [0] Nothing found
    [one] 1 site
   *[other] { $n } sites
}
front-found-for = { $n ->
    [0] Nothing found for “{ $q }”
    [one] 1 site for “{ $q }”
   *[other] { $n } sites for “{ $q }”
}
front-found-none = No site that we watch fits. Check the spelling, or see all sites.
front-see-all = See all sites
front-others = others
front-all = All sites
front-unavailable = not available from here
front-restricted = turns robots away
front-away = turns us away
front-latency = , latency
since-html = Since { $time }
pages-label = Pages
page-of = Page { $page } of { $pages }
page-previous = Previous
page-next = Next

## The page of a site.

site-title = { $mark } { $name }: { $status } · Is { $name } up right now?
site-og-title = { $name }: { $status }
site-since-html = { $status } since { $time } <span class="quiet">({ $long })</span>
site-checked-html = last checked { $ago } <span class="quiet">({ $time })</span>
site-last = The last check
site-phases = Parts of the last check, { $total } together: { $parts }.
site-phases-together = Together
site-phases-failed = Until it failed
phase-dns = Look-up
phase-connect = Connection
phase-tls = Encryption
phase-wait = Waiting
phase-transfer = Transfer
fact-latency = Latency
fact-usual = Usual latency
fact-http = HTTP status
fact-protocol = Protocol
fact-address = Address
fact-elsewhere = From { $region }
fact-redirected = Redirected to
fact-certificate = Certificate valid until
fact-certificate-expired = it has expired
fact-certificate-soon = it expires in { $long }
fact-provider = Provider
fact-names = Name servers of
fact-authority = Certificate of
fact-depends = Depends on
fact-interval = Checked every
site-restricted = The server answers, but turns robots like ours away. That is its choice and no outage: people with a browser will most likely get in. It also means that we cannot see whether the pages behind it work.
site-away = The server answers, but turns us away. Whether people with a browser get in, and whether the pages behind it work, we cannot see.
site-unavailable = The server answers that the site is not available from where we look ({ $how }): most likely for what the law says there. People elsewhere may well get in.
site-restricted-how = The server answers, but turns robots like ours away ({ $how }). That is its choice and no outage: people with a browser will most likely get in. It also means that we cannot see whether the pages behind it work.
site-uptime = Uptime
uptime-24h = 24 hours
uptime-7d = 7 days
uptime-30d = 30 days
uptime-90d = 90 days
site-uptime-none = no data yet
site-uptime-note = Rounded down. Slow counts as up; time when we did not look counts as neither.
site-recent = Recent checks
site-recent-good = The last { $n } checks, oldest first: all were answered.
site-recent-bad = The last { $n } checks, oldest first: { $failed } failed.
site-recent-key = Taller is slower; a full red bar with a cross is a failed check.
site-recent-table = Show these checks as a table
site-recent-caption = Recent checks, newest first
site-recent-none = None yet.
site-regions = Where we look from
site-regions-caption = What each region saw last
site-outages = Outages
site-outages-caption = The last outages, newest first
site-outages-never = We have not looked yet, so we know of none.
site-outages-none = None that we have seen.
site-outages-all = All outages of { $name }
site-share = Show this on your own page
site-badge-alt = Badge: { $name }, { $status }
site-badge-of = Status of { $name }
site-copy = Copy
site-copied = Copied
site-json = This page as JSON
site-programs = For programs:
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
th-what = What
th-until = Until
th-long = How long
th-why = Why
th-seen = Seen from
saw-answered = it answered
saw-restricted = it answered, and turned us away
saw-attempts = { $saw }, after { $n } attempts
answered = answered
outage-event = provider incident
outage-going-on = still going on
none = –

## Outages.

outages-of = Outages of { $name }
outages-description = When sites were down, slow, or out of reach from some places; newest first.
outages-zone = Days and times on this page are in UTC.
outages-any = any
outages-show = Show
# $what: `nav-outages` or `outages-of`. $span: a day or a month.
outages-in = { $what }, { $span }
# $long: how long all of them together.
outages-sum = { $n ->
    [one] 1 outage, { $long }
   *[other] { $n } outages, { $long }
}
outages-event = { $name } seemed to be failing
outages-months = Other months
outages-unknown-site = We do not know a site called “{ $site }”.
outages-none-fit = No outages match these filters.
outages-only = Only:
outages-without = Without the filter { $what }
outages-newer = Newer
outages-older = Older
outages-away = The record cannot be read now; what follows is from memory, the last few of each site.

## One outage. $name: the site. $long: how long it lasted.

outage-was-down = { $name } was down
outage-was-partial = { $name } was down in places
outage-was-slow = { $name } was slow
# $what: one of the three before.
outage-title = { $what } for { $long }, { $date }
outage-description = { $what } from { $start } to { $end }: { $long }.
outage-description-why = { $what } from { $start } to { $end }: { $long }. What we saw: { $why }.
outage-description-still = { $what } since { $start }.
outage-description-still-why = { $what } since { $start }. What we saw: { $why }.
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
outage-away = Our record cannot be read right now. What you see is from memory; what happened in between and the checks come back with the record.
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

missing = We do not watch { $wanted }.
missing-so = So we cannot say whether it is up.
missing-near = Did you mean one of these?

## Trouble.

trouble-404 = Nothing here
trouble-404-text = There is nothing at this address.
trouble-405 = Not like this
trouble-405-text = This address can only be read: ask with GET or HEAD.
trouble-414 = Too long
trouble-414-text = That is more text than we can read. The name of a site is enough, such as slack.com.
trouble-429 = Not so fast
trouble-429-text = You have asked more than we can look up for one visitor. Please wait a minute and ask again.
trouble-503 = Too slow
trouble-503-text = This took us too long. Please try again in a minute.
trouble-500 = Our own trouble
trouble-500-text = We are having trouble ourselves. Please try again in a minute.
trouble-knew-html = This is what we knew at { $time }:

## How we know.

about-title = How we know
about-description = How we know whether a site is up, and what we do not claim.
about-intro-html = { $sites ->
    [one] We watch one site from <b>{ $regions }</b>.
   *[other] We watch { $sites } sites from <b>{ $regions }</b>.
} Each is asked for its page again and again, on a new connection every time, as a visitor would ask: most of them every { $interval }. This is how we decide what to say.
about-words = What our words mean
about-up = It answers, and in good time.
about-slow = It answers, but much later than it usually does: more than three times its own usual latency, and more than a second, unless the site has a limit of its own; and that several times in a row.
about-partial = It cannot be reached from some of the places where we look from, but from most it can.
about-down = It cannot be reached, or answers with an error, and a second look on a new connection said the same.
about-unknown = We have no fresh check, or what the last one said is not confirmed yet. What we do not know we never show as up.
about-confirm = Confirmation
about-confirm-text = One failed check is not an outage yet, and one good check does not end one: either way we look again. Once an outage is confirmed, it counts from the first check that failed until the first good one.
about-doubt = We doubt ourselves first
about-doubt-text = When most sites that have nothing to do with each other turn bad at once, whether they are silent, fail in the same way or become slow, the likeliest cause is our own connection. Then we say that we do not know, until something shows that it is not us; what we had said of sites just before is taken back, out of the record as well. Where there is nothing else to ask, we say that we cannot tell whether it is the site or our connection.
about-restricted = Turned away is not down
about-restricted-text = Many sites turn robots away, with a status like 403 or with a page that asks whether you are human. They answer, so they are up; a note says that we were turned away, because then we cannot see whether the pages behind work.
about-fresh = How fresh it is
about-fresh-text = Every page says when we looked last. When the checks of a site stop, its status becomes unknown once it has missed about two checks. Time when we did not look counts neither as up nor as down.
about-lookup = When you look up a site
about-lookup-text = Ask for a site that we do not watch, and we look at its front page at once, over https or http; what seems wrong is looked at again before we say so. One answer serves everybody for { $cache }. You can ask for { $budget } new looks a minute; after that we show what we knew last.
about-lookup-public = We look at addresses of the public internet alone, at the ports { $ports }, and never with a user name or a password; a redirect to anywhere else is not followed.
about-lookup-private = Every visitor is trusted here: we look at private addresses and at any port as well.
about-lookup-kept = For { $hours } hours at most we remember how many visitors looked a site up and how many reported a problem with it, in stretches of five minutes; none of it, and nothing of who they were, is ever written down. So that nobody counts twice within an hour, a salted hash of your address stays in memory, and is thrown away with its salt every day.
about-lookup-you = “Is it just you?” When you press the button on a site’s page, and not before, your own browser asks that site for its page, without cookies and without saying where it comes from. What comes of it stays in your browser.
about-lookup-report = The button for those who have a problem too sends us nothing but that. It counts you once an hour and changes no verdict.
about-claims = What we do not claim
about-claim-you = That a site works for you: your own connection, your provider, your account or your country may differ.
about-claim-part = That every part of a site works: we ask for one page, we do not log in and we buy nothing.
about-claim-fault = That an outage is the site’s own fault: the way to it may be broken.
about-claim-between = That nothing happened between two checks: what is shorter than that we may not see.
about-privacy = What we know of you
about-privacy-text = There are no cookies here, nothing is fetched from anybody else, and who you are is not written down.

## Charts.

chart = Latency
chart-window = Window
chart-24h = 24 hours
chart-7d = 7 days
chart-30d = 30 days
chart-90d = 90 days
chart-words = Half of the checks took from { $least } to { $most }; 95 of 100 at most { $high }.
chart-from-to = { $from } to { $to }
chart-slice = { $when }: half within { $middle }, 95 of 100 within { $high }
chart-slice-gap = { $when }: no data
chart-slice-failed = { $when }: no answer
chart-slice-down = { $said }; down for { $long }
chart-none = There is nothing to draw yet.
chart-away = The record cannot be read now; this comes back by itself.
chart-keys = Arrow keys show the values one by one.
chart-half = half of the checks are faster
chart-most = 95 of 100 are faster
chart-outage = outage
chart-gap = no data
chart-table = Show the values as a table
chart-caption = Latency by time, newest first
th-half = Half within
th-most = 95 of 100 within
th-checks = Checks
th-failed = Failed
th-uptime = Uptime
th-day = Day
th-down = Down for
days-title = The last 90 days
days-words = Uptime of the last 90 days, a bar a day, oldest first: { $good ->
    [one] 1 day
   *[other] { $good } days
} without an outage, { $some } with one, { $gap } without data.
days-from-to = 90 days ago
days-today = today
days-table = Show the days as a table
day-gap = { $date }: { $none }
day-good = { $date }: { $uptime }
day-down = { $date }: { $uptime }, down for { $long }

## A lookup.

missing-refused = We cannot look at “{ $wanted }”.
missing-meant = Look at { $meant }
refused-empty = There is no name in it. Type one such as slack.com.
refused-long = It is longer than any address of a site. Its name is enough, such as slack.com.
refused-scheme = We look at sites over http and https only. Type a name such as slack.com.
refused-credentials = It has a user name or a password in it. Leave them out.
refused-name = That is not a name that a site can have. Type one such as slack.com.
refused-dot = That is not the whole name of a site. Did you mean { $meant }?
refused-port = We do not look at port { $port }, only at those of web sites.
refused-special = { $address } is not an address of the public internet. We look at public sites only.
refused-file = Names of sites do not end in .{ $ending }: that is a file.
refused-ending = Names that end in .{ $ending } are not of the public internet. We look at public sites only.
refusing-off = Visitors cannot look up other sites here.
refusing-budget = You have looked up many sites just now. Please wait { $wait } s.
refusing-busy = Very many people look sites up just now. Please try again in a moment.
trouble-403 = Not from there
trouble-403-text = This can be asked for from our own pages only.
lookup-title = Is { $name } up right now?
lookup-description = Whether { $name } is up right now, looked at from outside.
lookup-nothing = We do not know about { $name }.
lookup-looking = Looking at { $name } now…
lookup-again-failed = The first look failed: { $why }. Looking again, to be sure…
lookup-again-slow = The answer was slow: looking again, to be sure…
lookup-crowd = Looked up by { $times } visitors in the last hour.
lookup-crowd-down = Looked up by { $times } visitors in the last hour; { $down } of them were told that it is down.
lookup-reports-none = Nobody has reported a problem within a day.
lookup-reports-day = { $day ->
    [one] 1 visitor reported a problem within a day, none in the last hour.
   *[other] { $day } visitors reported a problem within a day, none in the last hour.
}
lookup-reports-hour = { $hour ->
    [one] 1 visitor reported a problem in the last hour.
   *[other] { $hour } visitors reported a problem in the last hour.
}
lookup-curve = Reports of the last 24 hours, half an hour a bar, at most { $most } in one.
lookup-thanks = Thank you: you are counted. It changes nothing about the verdict.
lookup-counted = You were counted already within this hour.
lookup-last = This is what we knew last.
lookup-checked-html = looked at { $ago } <span class="quiet">({ $time })</span>
lookup-kept-away = What you asked for is not on the public internet, or is not a web site. If that surprises you, its name may lead somewhere else than you think.
lookup-unavailable = The server answers that the site is not available from where we look ({ $how }). People elsewhere may well get in.
lookup-restricted = The server answers, but turns us away ({ $how }). Whether people with a browser get in, we cannot see.
fact-attempts = Attempts
fact-alias = Alias of
fact-redirects = { $url } ({ $n } redirects)
fact-certificate-left = { $date } ({ $long } left)
fact-certificate-over = { $date }: it has expired
me = Is it just you?
me-try = Try it from my browser
me-what = When you press this, and not before, your browser itself asks { $url } for its page, without cookies, and tells only you whether it was answered. Nothing of it is sent to us.
me-trying = Trying…
me-everybody-html = Neither you nor we get an answer: <b>it is down for everybody</b>, as far as two can tell.
me-here-html = Your browser gets an answer and we do not: <b>it is down only from where we look</b>.
me-you-html = We get an answer and your browser does not: <b>it is down only for you</b>. It may be your connection, your network’s filter, or a browser extension.
me-slow-html = It answers, but took <b data-seconds></b> s for you: <b>only slow for you</b>.
me-slow-all-html = It answers you, but took <b data-seconds></b> s: <b>slow for you and for us</b>.
me-fine-html = Your browser gets an answer as well, in <b data-seconds></b> s: <b>it is fine</b>.
me-mixed = Your browser does not let a page like this one ask a site without encryption. Please try the address yourself.
me-unknown-html = We have no verdict to compare with. Your browser: <b data-own></b>.
me-report = I have a problem with it too
me-report-what = You are counted once an hour, without a cookie, and we do not keep who you are.
lookup-again = Look again
lookup-again-now = Look at { $name } again now
lookup-json = this as JSON

## A provider.

provider-title = Is { $name } failing right now?
provider-state-html = For { $long } now, from { $since } · we saw the one cause at { $noticed }
provider-evidence = { $n ->
    [one] 1 of its sites turned bad. We see that from outside; it is no word of { $name }.
   *[other] { $n } of its sites turned bad within minutes of each other. We see that from outside; it is no word of { $name }.
}
provider-sites = Sites at { $name }
provider-sites-none = None of the sites that we watch is at { $name }, so we cannot say how it is.
provider-more = More about { $name }
provider-own-trouble = a separate problem
provider-events = When { $name } seemed to fail
provider-events-none = Never, as far as our record goes.
provider-events-away = The record cannot be read now, so only what goes on is here.
provider-events-more = { $n ->
    [one] and 1 more
   *[other] and { $n } more
}
provider-events-all = The newest
provider-events-older = Older
provider-events-json = its events as JSON
provider-how = Whose site it is we know from the catalogue, or from the names, addresses and headers that our last checks met.

## Feeds.

feed-all = All outages
feed-site = Outages of { $name }

## The verdict as text, for command lines

text-last = What we knew last:
text-broke = Our own look broke. Please try again in a minute.
text-never = Not looked at yet
text-seconds-ago = Looked at { $n } s ago
text-ago = Looked at { $long } ago
text-others = , looked up { $times } times in the last hour ({ $down } of them down)
text-over = over { $version }
text-from = from { $address }
text-in = in { $latency }
text-redirected = redirected to { $url }

## A card on somebody's page

embed-uptime = { $share } up in 30 days
embed-checked = checked { $time }
embed-nobody = Unknown
embed-nobody-text = We do not watch this site.

## For programs: the frame of the reference; what stands in its tables is English everywhere

api-title = For programs
api-description = What programs can ask: sites, their status, checks, outages, changes as they happen, and badges.
api-intro-html = Everything here can be read by anyone, from any page, without a key. Answers are JSON; every field is always there, and <code>null</code> when we do not know. Times are RFC 3339 in UTC, latencies are milliseconds, shares go from 0 to 1. What a machine needs to know of it is in <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1), from which this page is made as well.
api-nav = On this page
api-examples = Examples
api-examples-in = Examples in curl, JavaScript, Python and Rust
api-badges = Badges
api-badge-of = Status badge of { $site }
api-uptime-of = Uptime badge of { $site }
api-shapes = Shapes
api-manners = Manners
api-manners-of = Manners: asking again, limits, encodings
api-errors = Errors
api-parameters = Parameters
api-parameters-of = Parameters of { $what }, table
api-fields = Fields
api-fields-of = Fields of { $what }, table
api-name = Name
api-does = What it does
api-may-be = What it may be
api-is = What it is
api-means = What it means
