# What is said of a site, wherever it is said. English is also what programs read.

## The words for each status.

status-up = up
status-slow = slow
status-partial = partial
status-down = down
status-unknown = unknown

## One sentence for each verdict.
## $name: the site. $long: `long`, or nothing. $why: `why`, or a full stop.

sentence-up = { $name } is up.
sentence-up-restricted = { $name } is up; it turns robots like ours away.
sentence-up-restricted-how = { $name } is up; it turns robots like ours away ({ $how }).
sentence-slow = { $name } answers, but slowly{ $much }{ $long }.
sentence-slow-much = : { $latency } where { $usual } is usual
sentence-slow-latency = : { $latency }
sentence-long = , for { $long }
sentence-partial = { $name } cannot be reached from { $places } only{ $long }{ $why }
sentence-partial-somewhere = { $name } cannot be reached from some places{ $long }{ $why }
sentence-down = { $name } is down{ $why }
sentence-down-long = { $name } is down, and has been for { $long }{ $why }
sentence-why = : { $why }.
sentence-never = We have not looked at { $name } yet.
sentence-unsure = We do not know about { $name } yet: we are looking again to be sure.
sentence-stale = We do not know about { $name }: no check since { $since }.
list-and = { $before } and { $last }

## The sentence of the day.

headline-none = No site is being watched.
headline-never = We have not looked yet.
headline-stale = We do not know: no fresh check since { $since }.
headline-known = { $known ->
    [one] The one site of { $total } that we know about is fine.
   *[other] The { $known } of { $total } sites that we know about are fine.
}
headline-fine = { $total ->
    [one] The one site is fine.
   *[other] All { $total } sites are fine.
}
headline-bad = { $parts }.
headline-only-down = The one site is down
headline-only-partial = The one site is down in places
headline-only-slow = The one site is slow
headline-first-down = { $count ->
    [one] { $count } of { $total } sites is down
   *[other] { $count } of { $total } sites are down
}
headline-first-partial = { $count ->
    [one] { $count } of { $total } sites is down in places
   *[other] { $count } of { $total } sites are down in places
}
headline-first-slow = { $count ->
    [one] { $count } of { $total } sites is slow
   *[other] { $count } of { $total } sites are slow
}
headline-next-partial = { $count ->
    [one] { $count } is down in places
   *[other] { $count } are down in places
}
headline-next-slow = { $count ->
    [one] { $count } is slow
   *[other] { $count } are slow
}

## Why. Ends of sentences, without a full stop.

failure-dns = its address could not be looked up
failure-connect = no connection could be made
failure-tls = no safe connection could be made
failure-timeout = it took too long to answer
failure-reset = it broke the connection off before the answer was whole
failure-protocol = what came back was not a web page
failure-redirect = it sends visitors round without arriving
failure-http = it answers with an error
failure-body = its page is not what it should be
cause-detail = { $words } ({ $detail })

## How long, how fast, when.

minutes = { $n ->
    [0] less than a minute
    [one] 1 minute
   *[other] { $n } minutes
}
hours = { $n ->
    [one] 1 hour
   *[other] { $n } hours
}
days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
seconds = { $n ->
    [one] 1 second
   *[other] { $n } seconds
}
ago-now = just now
ago = { $long } ago
latency-tiny = less than 1 ms
latency-millis = { $n } ms
latency-seconds = { $n } s
percent = { $n }%
clock-today = { $time } UTC
clock-day = { $day } { $month }, { $time } UTC
clock-year = { $day } { $month } { $year }, { $time } UTC
day = { $day } { $month }
date = { $day } { $month } { $year }
month = { $n ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
