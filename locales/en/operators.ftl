### Words of operators: notices, planned work, their page, the monthly report.

## The reference page

api-changes = Changes
api-changes-text = To change anything you need a token from the operator, who makes it with: stillup token add NAME --may notices,planned. Every change goes into the audit log under the name of its token. To announce half an hour of planned work, starting now:
api-permission = Permission
api-else-calendar = Planned work as a calendar (iCalendar); also for one site
api-of-listNotices = Notices
api-of-getNotice = One notice
api-of-listPlanned = Planned work
api-of-getPlanned = One piece of planned work
api-of-openNotice = Open a notice
api-of-updateNotice = Update a notice
api-of-announcePlanned = Announce planned work
api-of-cancelPlanned = Cancel planned work
api-of-putSite = Add or change a site
api-of-removeSite = Remove a site
api-of-checkSite = Check a site now

## Messages and pages: the state of a notice

message-notice = { $title }: { $state }
message-certificate = The certificate of { $name } ends in { $long }
message-certificate-text = The certificate of { $name } ends in { $long }, on { $at }. From then on, browsers will refuse to open the site.
message-certificates = The certificates of { $n } sites end soon
message-certificates-text = { $names }. From then on, browsers will refuse to open the sites.
message-certificate-line = { $name }: ends in { $long }, on { $at }
notice-state-investigating = investigating
notice-state-identified = cause known
notice-state-monitoring = watching
notice-state-resolved = resolved
notice-state-postmortem = post-mortem

notice-state-html = { $state }, { $ago }
notice-impact-none = none
notice-impact-minor = minor
notice-impact-major = major
notice-impact-critical = critical
notice-impact = Impact
notice-notice = Notice
notice-all-sites = All sites
notice-beside = Written by the people who run this page. What we measure stands beside it, and neither changes the other.
notice-updates = Updates
notice-facts = Facts
notice-about = About
notice-about-all = all sites
said-notices = Notices
said-planned = Planned work
planned-until-html = Planned until { $until }
planned-from-html = From { $from } until { $until }

## The operator's page

operate-title = Operate
operate-text = What waits for somebody, notices, planned work and the last changes.
operate-sign-in-text = For those who run this service. Sign in with a token that may read; stillup token add makes one.
operate-token = Token
operate-sign-in = Sign in
operate-sign-out = Sign out
operate-unknown = This token is not known.
operate-may-not-read = This token may not read this page: it needs the permission read.
operate-too-often = Too many tries. Wait a minute.
operate-as = Signed in as { $name }.
operate-refused = Nothing was changed. { $why }
operate-may-not = The token { $name } does not have the permission { $needs }.
operate-too-many = Too many changes within a minute.
operate-gone = It is not there any more.
operate-conflict = It has changed in the meantime; below is how it is now.
operate-failed = It could not be saved.
operate-wrong-empty = Fill in “{ $field }”.
operate-wrong-long = “{ $field }” can be at most { $most } characters long.
operate-wrong-hidden = “{ $field }” contains an invisible character; clear the field and type it again.
# $n: how many of the words are no slugs; none of them when there are too many words. $names: those words.
operate-wrong-sites = { $n ->
    [0] At most 200 sites can be named; use a tag for more.
    [one] { $names } is not a slug. A slug looks like slack.com.
   *[other] { $names } are not slugs. A slug looks like slack.com.
}
operate-wrong-tags = At most 200 tags can be named, of at most 100 characters each.
operate-wrong-choice = Choose one of the options.
operate-not-taken = There is something wrong with a file; what was in force still is.
operate-no-site-has = No site has: { $names }. Is it mistyped?
operate-waits = Waiting for you
operate-waits-none = Nothing.
operate-channel = Channel { $name }: { $waiting } messages wait, { $failed } were given up since the start.
operate-records-here = This node, { $node }, writes the record.
operate-records-elsewhere = { $node } writes the record; this node follows it.
operate-away = Postgres has been away for { $long }; { $n } checks wait on disk.
operate-set-aside = { $n } rows were refused by Postgres and set aside; stillup journal refused lists them.
operate-held = The disk is refusing writes: no more checks can be kept.
operate-agent-silent = Agent { $name } in { $region } has not reported for { $long }.
operate-agent-never = Agent { $name } in { $region } has not reported yet.
operate-agent-clock = Agent { $name } in { $region } does not count: its clock is wrong.
operate-agent-rules = Agent { $name } in { $region } does not count: it runs another version.
operate-agent-overload = Agent { $name } in { $region } does not count: it cannot keep up.
operate-agent-network = Agent { $name } in { $region } does not count: its own network does not work.
operate-notices-none = No notice is open.
operate-open = Open a notice
operate-open-title = Title
operate-open-text = What is known
operate-sites = Only these sites (slugs)
operate-tags = Only sites with these tags
operate-update-text = What is new
operate-state = State
operate-update = Update
operate-planned-none = Nothing is planned.
operate-plan = Plan work from now on
operate-plan-name = Name
operate-plan-button = For { $long }
operate-end = End now
operate-cancel = Cancel
operate-certificates = Certificates that end soon
operate-certificates-none = None within three weeks.
operate-ends-html = ends on { $at }
operate-changes = Last changes
operate-changes-none = None yet.
operate-by = By
operate-what = Change

## The monthly report

report-title = { $name }, { $month }
report-period = { $month } in the time zone { $zone }: from { $from } until { $until }
report-incomplete = The month is not over yet; the figures run up to { $at }.
report-method-title = How this is measured
report-method = Every site is checked at its interval. An outage begins at the first failed check of those that confirmed it, on new connections and at other addresses, and ends at the first good one. Slow and partly down count as up. Time that was not watched, or in which we doubted ourselves, counts as neither. Shares are rounded down, and are given only if at least half of the time was watched. A second column, where there is one, leaves out planned work that was announced before it began.
report-rule = checked every { $interval }, with a time limit of { $timeout }
report-figure = Figure
report-all = Overall
report-outside = Without planned work
report-uptime = Uptime
report-watched = Watched
report-unwatched = Not watched
report-down = Down
report-partial = Partly down
report-slow = Slow
report-latency = { $n ->
    [one] One check
   *[other] { $n } checks
}. Half of the good answers took at most { $half }, 95 of 100 at most { $most }, 99 of 100 at most { $nearly }; the longest took { $longest }.
report-announced = announced before it began
report-not-announced = not announced before it began, so it is not left out
report-no-outages = None.
report-of-it-planned = { $long } of it planned
exact-hours = { $n } h
exact-minutes = { $n } min
exact-seconds = { $n } s
report-sha256 = SHA-256 of the JSON:
report-link = Report on this month
uptime-outside = Last 30 days: { $all }, and { $rest } without the planned work that was announced before it began.
