# What is said of a site, wherever it is said. English is also what programs read.

## The words for each status.

status-up = up
status-slow = slow
status-partial = partly down
status-down = down
status-unknown = unknown
# The same of an outage that is over.
past-slow = slow
past-partial = partly down
past-down = down

## One sentence for each verdict.
## $name: the site. $long: `long`, or nothing. $why: `why`, or a full stop.

sentence-up = { $name } is up.
sentence-up-restricted = { $name } is up; it turns robots like ours away.
sentence-up-restricted-how = { $name } is up; it turns robots like ours away ({ $how }).
# As long as it is not known for long enough to say that it always does.
# $how: how we know, in brackets with a space before them, or nothing.
sentence-up-away = { $name } answers, but turns us away{ $how }; we cannot see whether it lets people in.
# The answer is 451: for what the law says where we are.
sentence-up-unavailable = { $name } says that it is not available from where we check ({ $how }).
# $how: how we know, in brackets with a space before them, or nothing.
sentence-up-turned-away = { $name } answers, but has been turning us away for { $long }{ $how }, which it did not do before. It may be turning everybody away.
sentence-up-unavailable-new = { $name } has been saying for { $long } that it is not available from where we check{ $how }; before that it was.
sentence-slow = { $name } answers, but slowly{ $much }{ $long }.
sentence-slow-much = : { $latency } instead of the usual { $usual }
sentence-slow-latency = : { $latency }
sentence-long = , for { $long }
# $places: where it is down. $n: how many other places see it answer.
sentence-partial = { $name } is down from { $places }{ $long }{ $why } It answers from { $n ->
    [one] one other place
   *[other] { $n } other places
}.
# No other place could look.
sentence-partial-alone = { $name } is down from { $places }{ $long }{ $why } We could only check from there.
# $places: where it is slow. $n: how many other places see it answer quickly.
sentence-up-slow-in = { $name } is up, but slow from { $places }; it is quick from { $n ->
    [one] one other place
   *[other] { $n } other places
}.
# $places: where it turns us away. $n: how many other places it lets in.
sentence-up-away-in = { $name } is up, but turns us away when we check from { $places }; it lets us in from { $n ->
    [one] one other place
   *[other] { $n } other places
}.
# $n: from how many places we look, which is all of them, and at least two.
sentence-up-kept-out = { $name } answers, but turns us away at { $n ->
    [2] both
   *[other] all { $n }
} places that we check from; perhaps it does so only with robots like ours.
places = { $n } places
sentence-partial-somewhere = { $name } is down from some places{ $long }{ $why }
sentence-down = { $name } is down{ $why }
sentence-down-long = { $name } is down, and has been for { $long }{ $why }
sentence-why = : { $why }.
sentence-never = We have not checked { $name } yet.
sentence-unsure = We cannot tell about { $name } yet: we are checking again to be sure.
sentence-stale = We cannot tell about { $name }: there has been no check for { $long }.
list-and = { $before } and { $last }
list-more = { $before } and { $n } more

## A heading and a line below it, for those who have one second. The heading: the name and at most
## four words. The line: parts without a full stop, the first with a capital.

heading-up = { $name } is up
heading-back = { $name } is up again
heading-away = { $name } turns us away
heading-unavailable = { $name } is not available here
heading-slow = { $name } is slow
heading-partial = { $name } is partly down
heading-down = { $name } is down
heading-unstable = { $name } is unstable
heading-never = { $name }: not checked yet
heading-unsure = { $name }: checking again
heading-unknown = { $name }: we can’t tell
heading-no-name = No site at { $name }
heading-kept-away = We did not check { $name }
heading-provider-failing = Trouble at { $name }
heading-provider-recovering = Recovery at { $name }
heading-provider-fine = { $name } looks fine
heading-provider-unclear = { $name }: unclear
heading-provider-empty = No sites at { $name }
line-no-name = That name does not exist.
line-up = answers in { $latency }
line-restricted = it turns robots like ours away, as it always has
line-away = we cannot see whether it lets people in
line-away-new = for { $long } now; it did not before
line-slow = { $latency } instead of the usual { $usual }
line-partial = down from { $places }
line-slow-places = slow from { $places }
# $n: how many other places see it answer.
line-elsewhere = { $n ->
    [one] answers from one other place
   *[other] answers from { $n } other places
}
line-long = for { $long }
line-began = began { $long } ago
line-new = just now
line-unstable = failing and coming back
line-unstable-long = failing and coming back for { $long }
line-unstable-why = last: { $why }
line-never = The first check is on its way
line-unsure = We are checking again to be sure
line-stale = No check for { $long }
line-doubt-line = Our own connection is down
line-doubt-names = Our own name servers are not working
line-doubt-alone = Nothing answers that would show whether it is the site or our own connection
line-doubt-intercepted = Most sites began to fail in the same way at once: it is probably our own connection
line-doubt-congested = Most sites became slow at once: it is probably our own connection

## The heading of the day: five words at most.

brief-none = No sites are watched yet
brief-never = The first checks are running
brief-unknown = We cannot tell right now
brief-doubt = The problem may be ours
brief-providers = Trouble at { $n } providers
brief-providers-recovering = Recovery at { $n } providers
brief-down = { $n ->
    [0] No sites are down
    [one] 1 site is down
   *[other] { $n } sites are down
}
brief-partial = { $n ->
    [0] No sites are partly down
    [one] 1 site is partly down
   *[other] { $n } sites are partly down
}
brief-slow = { $n ->
    [0] No sites are slow
    [one] 1 site is slow
   *[other] { $n } sites are slow
}
brief-known = { $n ->
    [one] 1 site is fine
   *[other] { $n } sites are fine
}
brief-unusual = { $n ->
    [one] The only site answers
   *[other] All { $n } sites answer
}
brief-fine = { $n ->
    [one] The only site is fine
   *[other] All { $n } sites are fine
}

## The sentence of the day.

headline-none = No site is being watched yet.
headline-never = We have not checked any site yet.
headline-stale = We cannot tell: there has been no check for { $long }.
headline-doubt-line = We cannot tell how any site is doing: our own connection is down.
headline-doubt-names = We cannot tell how any site is doing: our own name servers are not working.
headline-doubt-alone = We cannot tell how any site is doing: nothing answers that would show whether it is them or our own connection.
headline-doubt-intercepted = We cannot tell how any site is doing: most of them began to fail in the same way at once, so it is probably our own connection.
headline-doubt-congested = We cannot tell how any site is doing: most of them became slow at once, so it is probably our own connection.
headline-more = { $n ->
    [one] We cannot tell about one more{ $why }.
   *[other] We cannot tell about { $n } more{ $why }.
}
# Doubt comes first, before a provider that seems to be failing.
headline-doubt-some = { $n ->
    [one] We cannot tell about one of { $total } sites{ $why }.
   *[other] We cannot tell about { $n } of { $total } sites{ $why }.
}
headline-why-line = : our own connection is down
headline-why-names = : our own name servers are not working
headline-why-alone = : nothing answers that would show whether it is them or our own connection
headline-why-intercepted = : most began to fail in the same way at once, so it is probably our own connection
headline-why-congested = : most became slow at once, so it is probably our own connection
headline-known = { $known ->
    [one] The only one of { $total } sites that we can tell about is fine.
   *[other] The { $known } of { $total } sites that we can tell about are fine.
}
headline-fine = { $total ->
    [one] The only site is fine.
   *[other] All { $total } sites are fine.
}
# $n: how many of them answer in an unusual way.
headline-unusual = { $total ->
    [one] The only site answers, but not as usual.
   *[other] All { $total } sites answer, but { $n ->
        [one] one of them not as usual.
       *[other] { $n } of them not as usual.
    }
}
headline-known-unusual = { $known ->
    [one] The only one of { $total } sites that we can tell about answers, but not as usual.
   *[other] The { $known } of { $total } sites that we can tell about answer, but { $n ->
        [one] one of them not as usual.
       *[other] { $n } of them not as usual.
    }
}
headline-bad = { $parts }.
headline-also-unusual = { $n ->
    [one] One other answers, but not as usual.
   *[other] { $n } others answer, but not as usual.
}
headline-only-down = The only site is down
headline-only-partial = The only site is partly down
headline-only-slow = The only site is slow
headline-first-down = { $count ->
    [one] { $count } of { $total } sites is down
   *[other] { $count } of { $total } sites are down
}
headline-first-partial = { $count ->
    [one] { $count } of { $total } sites is partly down
   *[other] { $count } of { $total } sites are partly down
}
headline-first-slow = { $count ->
    [one] { $count } of { $total } sites is slow
   *[other] { $count } of { $total } sites are slow
}
headline-next-partial = { $count ->
    [one] { $count } is partly down
   *[other] { $count } are partly down
}
headline-next-slow = { $count ->
    [one] { $count } is slow
   *[other] { $count } are slow
}

## Why. Ends of sentences, without a full stop.

failure-dns = its address could not be looked up
failure-connect = no connection could be made
failure-tls = no secure connection could be made
# A CDN says that it cannot reach the servers of the site (HTTP 520 to 530).
failure-origin = Cloudflare cannot reach its servers
failed-origin = Cloudflare could not reach its servers
failure-timeout = it took too long to answer
failure-reset = it closed the connection before the answer was complete
failure-protocol = what came back was not a web page
failure-redirect = its redirects lead nowhere
failure-http = it answers with an error
# A status that is no error, but not one of those that the operator expects.
failure-unexpected = it answers with a status that is not expected
failure-body = its page is not the right one
# The same, of what is over by now, where it is said in another way.
failed-redirect = its redirects led nowhere
failed-http = it answered with an error
failed-unexpected = it answered with a status that was not expected
failed-body = its page was not the right one
cause-detail = { $words } ({ $detail })
# The same, of a place that the site redirects to.
elsewhere-dns = it redirects to { $host }, whose address could not be looked up
elsewhere-connect = it redirects to { $host }, to which no connection could be made
elsewhere-tls = it redirects to { $host }, to which no secure connection could be made
elsewhere-timeout = it redirects to { $host }, which took too long to answer
elsewhere-reset = it redirects to { $host }, which closed the connection before the answer was complete
elsewhere-protocol = it redirects to { $host }, from which no web page came back
elsewhere-http = it redirects to { $host }, which answers with an error
elsewhere-unexpected = it redirects to { $host }, which answers with a status that is not expected
elsewhere-body = it redirects to { $host }, whose page is not the right one

## Details of failures and of restrictions, in brackets behind the words for why: none of them has
## brackets or a full stop. Programs read the English.

detail-words-of-others = { $text }
detail-elsewhere = at { $host }, where it redirects to: { $detail }
detail-late-dns = the name servers did not answer within { $seconds } s
detail-late-connect = no connection within { $seconds } s
detail-late-tls = no TLS handshake within { $seconds } s
detail-late-wait = no reply within { $seconds } s
detail-late-transfer = the page was not complete within { $seconds } s
detail-late-end = not finished within { $seconds } s
detail-no-such-name = no such name: NXDOMAIN
detail-no-such-alias-target = its name leads to { $name }, which does not exist
detail-no-address = the name has no address
# $code: the response code of DNS.
detail-names-failed = { $code ->
    [1] the name server did not understand the question: FORMERR
    [2] the name server failed: SERVFAIL
    [4] the name server does not answer such questions: NOTIMP
    [5] the name server refused to answer: REFUSED
    [9] the name server is not responsible for the name: NOTAUTH
    [10] the name server says that the name is not in its zone: NOTZONE
   *[other] the name server answered with error { $code }
}
detail-names-cut = the name server's answer was cut short and could not be fetched over TCP
detail-names-lame = the name server does not know the name
detail-names-unreachable = the name servers cannot be reached
detail-names-special = it resolves to { $address }, which is not a public address
detail-names-bad = it is not a name that can be looked up
detail-names-unknown = the name could not be looked up
detail-refused = connection refused
detail-network = its network cannot be reached
detail-host = its server cannot be reached, there is no route to it
detail-forbidden = the machine that we check from does not allow the connection
detail-connect-silent = no answer to the connection
detail-connect-closed = the connection was closed as it was made
detail-connect-failed = no connection could be made
detail-no-file = the machine that we check from had too many files open
detail-os-error = the operating system says: “{ $text }”
detail-silent = the connection went silent
detail-closed-tls = the connection was closed during the TLS handshake
detail-closed-wait = the connection was closed before the reply
detail-closed-transfer = the connection was closed in the middle of the page
detail-not-whole = the reply broke off
detail-tls-none = the server does not speak TLS on this port
# $alert: the number of the alert of TLS.
detail-tls-alert = { $alert ->
    [0] the server ended the handshake without saying why
    [10] the server ended the handshake: it did not expect our message
    [20] the server ended the handshake: a message arrived damaged
    [22] the server ended the handshake: a message was too long
    [40] the server ended the handshake: it has no encryption in common with us
    [42] the server ended the handshake: it wants a valid client certificate
    [43] the server ended the handshake: it does not take such certificates
    [44] the server ended the handshake: a certificate has been revoked
    [45] the server ended the handshake: a certificate has expired
    [46] the server ended the handshake: it does not accept a certificate
    [47] the server ended the handshake: it does not accept what we offered
    [48] the server ended the handshake: it does not know the authority of a certificate
    [49] the server ended the handshake: access denied
    [50] the server ended the handshake: it could not read our message
    [51] the server ended the handshake: a signature or key was wrong
    [70] the server ended the handshake: it does not speak this version of TLS
    [71] the server ended the handshake: our encryption is not strong enough for it
    [80] the server ended the handshake: an error within the server
    [86] the server ended the handshake: it takes this for a downgrade
    [90] the server ended the handshake: cancelled
    [109] the server ended the handshake: it wants an extension of TLS that we do not send
    [110] the server ended the handshake: it does not know an extension of TLS
    [112] the server ended the handshake: it does not know this name
    [113] the server ended the handshake: the status of a certificate is wrong
    [115] the server ended the handshake: it wants a key that was agreed on before
    [116] the server ended the handshake: it wants a client certificate
    [120] the server ended the handshake: it speaks no version of HTTP over TLS that we speak
   *[other] the server ended the handshake with alert { $alert }
}
detail-tls-incompatible = the server has no TLS version or cipher for us
detail-tls-wants-certificate = the server ended the handshake: it wants a client certificate
detail-tls-failed = the TLS handshake failed
detail-tls-failed-said = the TLS handshake failed: “{ $text }”
detail-certificate-none = the server shows no certificate
detail-certificate-expired = the certificate has expired
detail-certificate-expired-on = the certificate expired on { $date }
detail-certificate-chain-expired = a certificate in the chain of its issuers expired on { $date }
# A day with its time, where the day alone says too little.
date-time = { $date } at { $time } UTC
detail-certificate-early = the certificate is not valid yet
detail-certificate-early-until = the certificate is not valid before { $date }
detail-certificate-name = the certificate is for another name
detail-certificate-names = the certificate is for another name: { $names }
detail-certificate-issuer = the certificate is from an unknown issuer
detail-certificate-issuer-named = the certificate is from an unknown issuer, “{ $text }”
detail-certificate-issuer-left-out = the certificate is from an unknown issuer, whose own certificate the server does not send
detail-certificate-incomplete = the server leaves out a certificate of its chain
detail-certificate-self-signed = the certificate is self-signed
detail-certificate-signature = the certificate is not signed by the issuer that it names
detail-certificate-key = the key of the certificate is too short to be safe, { $bits } bits
detail-certificate-weak = the certificate has a weak signature, { $text }
detail-certificate-unsupported = the certificate is signed in a way that we do not know
detail-certificate-unsupported-named = the certificate is signed in a way that we do not know, { $text }
detail-certificate-kind = the certificate is not one for a server
detail-certificate-revoked = the certificate has been revoked
detail-certificate-bad = the certificate is not valid
detail-certificate-bad-said = the certificate is not valid: “{ $text }”
detail-headers-large = the headers are too large
detail-not-http = the answer is not HTTP
detail-bad-http = the answer breaks the rules of HTTP
detail-informational = more than { $most } interim answers, status 1xx, before the reply
detail-not-decoded = the page cannot be decoded
detail-text = the text "{ $text }" is not in the page
detail-text-first = the text "{ $text }" is not in the first { $kib } KiB of the page
detail-text-forbidden = the text "{ $text }" is in the page
detail-not-json = the answer is not JSON
detail-json-long = the JSON is longer than { $kib } KiB
detail-json = { $place } in the JSON is { $found } instead of { $expected }
detail-json-missing = the JSON has no { $place }, which should be { $expected }
detail-port = port { $port } is not one that websites use
detail-special = { $address } is not a public address
detail-redirects = more than { $most } redirects
detail-redirect-none = it redirects, and no redirects are followed
detail-loop = redirect loop at { $text }
detail-redirect-bad = redirect to "{ $text }", which is not a URL
detail-redirect-scheme = redirect to "{ $text }", which is not http or https
detail-status = { $status } “{ $text }”
# $kind: the status as a number, to choose by; $status: the same as text, to show.
detail-cloudflare-origin = { $kind ->
    [520] its servers give Cloudflare no valid answer, HTTP { $status }
    [521] its servers refuse the connection of Cloudflare, HTTP { $status }
    [522] its servers do not answer when Cloudflare connects, HTTP { $status }
    [523] there is no route from Cloudflare to its servers, HTTP { $status }
    [524] its servers do not answer Cloudflare in time, HTTP { $status }
    [525] no secure connection can be made from Cloudflare to its servers, HTTP { $status }
    [526] the certificate that its servers show Cloudflare is not valid, HTTP { $status }
   *[other] a failure between Cloudflare and its servers, HTTP { $status }
}
# $code: the number of Cloudflare's error.
detail-cloudflare-setting = { $code ->
    [1000] its name leads to an address that Cloudflare does not allow, HTTP { $status }
    [1014] its name is an alias of another Cloudflare customer's, which Cloudflare forbids, HTTP { $status }
    [1027] its daily limit of requests at Cloudflare is reached, HTTP { $status }
   *[other] Cloudflare refuses to serve it, HTTP { $status }
}
detail-site-stopped = HTTP { $status }, the site has been stopped at { $host }
detail-maintenance = HTTP 503, for maintenance as its page says
detail-network-login = HTTP 511, a network on our way to it asks for a login
detail-retry-after = HTTP 503, with the request to come back later
# The same in words that every visitor knows, for lists and headings.
plain-no-such-name = its name cannot be found
restriction-challenge = a challenge page of { $owner }
restriction-legal = unavailable for legal reasons, HTTP 451
restriction-999 = HTTP 999, which some servers answer robots with

## Notes: what is told of a site that answers, beside its status.

note-intermittent = It fails now and then: for { $long }, many checks have passed only on the second try.
note-turned-away = It has been turning us away for { $long }, which it did not do before. It may be turning everybody away.
note-unavailable = It has been saying for { $long } that it is not available from where we check; before that it was.
note-ipv4 = It has been failing over IPv4 for { $long }; over IPv6 it works.
note-ipv6 = It has been failing over IPv6 for { $long }; over IPv4 it works.
note-address = One of its addresses has been failing for { $long }; the others work.
note-old-tls = It answers, but offers only old encryption that we do not support (seen for { $long }). That is our limit: we cannot see its pages, though browsers may.
note-chain = Its server does not send a certificate that its chain needs (seen for { $long }). Many browsers find it themselves; other programs may refuse to connect.
note-page-shrunk = It answers, but for { $long } its page has been nearly empty.
note-page-error = It answers, but for { $long } the title of its page has been that of an error.
note-elsewhere = It answers, but for { $long } it has been leading to a different site.
# The same in a few words, for lists and badges.
mark-intermittent = fails now and then
mark-turned-away = turns us away
mark-ipv4 = fails over IPv4
mark-ipv6 = fails over IPv6
mark-address = one address fails
mark-old-tls = only old encryption
mark-chain = incomplete certificate chain
mark-page = unusual page

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
hours-minutes = { $hours } h { $minutes } min
days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
seconds = { $n ->
    [one] 1 second
   *[other] { $n } seconds
}
every-minute = minute
ago-now = just now
ago = { $long } ago
latency-tiny = less than 1 ms
latency-millis = { $n } ms
latency-seconds = { $n } s
percent = { $n }%
clock-today = { $time } UTC
clock-day = { $day } { $month }, { $time } UTC
clock-year = { $day } { $month } { $year }, { $time } UTC
clock-on-day = { $day }, { $time }
month-of-year = { $month } { $year }
day = { $day } { $month }
date = { $day } { $month } { $year }
month-short = { $n ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[other] Dec
}
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

# $why: `sentence-unstable-why`, or a full stop.
sentence-unstable = { $name } is unstable: it keeps failing and coming back{ $why }
sentence-unstable-long = { $name } is unstable: it has been failing and coming back for { $long }{ $why }
sentence-unstable-why = . The last time, { $why }.
sentence-doubt-line = We cannot tell about { $name }: our own connection is down.
sentence-doubt-names = We cannot tell about { $name }: our own name servers are not working.
sentence-doubt-alone = We cannot tell about { $name }: it does not answer, and neither does anything that would show whether it is the site or our own connection.
sentence-doubt-intercepted = We cannot tell about { $name }: most sites began to fail in the same way at once, so it is probably our own connection.
sentence-doubt-congested = We cannot tell about { $name }: most sites became slow at once, so it is probably our own connection.

## Providers. $does: what a provider does, after its name.

provider-since = { $name } { $does }, for { $long }.
provider-began = { $name } { $does }. It began { $long } ago.
provider-fails = { $name } { $does }.
provider-blame = { $name }, which serves it, { $does }.
provider-blame-names = { $name }, which answers for its name, { $does }.
provider-blame-certificate = { $name }, which issued its certificate, { $does }.
provider-blame-declared = { $name }, on which it depends, { $does }.
provider-blame-left = It failed together with other sites of { $name }, which itself seems to have recovered.
provider-empty = We watch no sites at { $name }.
provider-unknown = We cannot tell how the sites at { $name } are doing.
provider-well-known = { $name } looks fine: so do { $known } of its { $total } sites, and we cannot tell about the rest.
provider-well = { $total ->
    [one] { $name } looks fine: so does the only site there that we watch.
   *[other] { $name } looks fine: so do all { $total } sites there that we watch.
}
# $count: how many of its sites fail now and then; none of them is bad.
provider-intermittent = { $total ->
    [one] We cannot tell whether { $name } is failing: the only site there that we watch fails now and then.
   *[other] { $count ->
        [one] { $name } looks fine, but 1 of its { $total } sites fails now and then.
       *[other] We cannot tell whether { $name } is failing: { $count } of the { $total } sites there fail now and then.
    }
}
provider-unclear = We cannot tell whether { $name } is failing: { $parts }.
provider-own-one = { $name } looks fine: { $parts }, but that looks like the site’s own problem.
provider-own = { $name } looks fine: { $parts }, but apparently not for the same reason.
provider-own-some = { $name } looks fine otherwise: { $parts }.
# $other: the provider that they are bad with.
provider-through = { $name } looks fine: { $parts }, but the cause looks like { $other }.
# $since: when its event began; $count: how many of these sites are bad since then.
provider-left = { $name } seems to have recovered from the failure that began { $long } ago, but not all of its sites have: { $parts }.
provider-left-some = { $name } seems to have recovered from the failure that began { $long } ago: { $parts }, { $count } of them since then.
# $minutes: within how many minutes they turned bad; at least one.
provider-together = { $minutes ->
    [one] { $name }: { $count } of its { $total } sites ran into trouble within a minute of each other; we are checking whether they have one cause.
   *[other] { $name }: { $count } of its { $total } sites ran into trouble within { $minutes } minutes of each other; we are checking whether they have one cause.
}
provider-together-still = { $minutes ->
    [one] { $name }: { $count } of its { $total } sites ran into trouble within a minute of each other; we cannot tell whether they have one cause.
   *[other] { $name }: { $count } of its { $total } sites ran into trouble within { $minutes } minutes of each other; we cannot tell whether they have one cause.
}

# What made us say so. $group: one of the next four; $others: the sites elsewhere.
evidence = { $group } ran into trouble within { $minutes ->
    [one] a minute
   *[other] { $minutes } minutes
} of each other and in the same way ({ $alike }); at that time, { $elsewhere ->
    [0] none
    [one] one
   *[other] { $elsewhere }
} of the { $others } sites elsewhere did. This is our own observation, not a statement by { $name }.
evidence-serves = { $affected } of the { $of } sites that { $name } serves
evidence-names = { $affected } of the { $of } sites for whose names { $name } answers
evidence-certificate = { $affected } of the { $of } sites whose certificates { $name } issued
evidence-declared = { $affected } of the { $of } sites that depend on { $name }
alike-certificate = a certificate that is not valid
alike-errors = server errors
alike-unreachable = no connection or no answer
alike-failing = errors or no answer
alike-slow = slow
alike-trouble = down or slow
provider-elsewhere = Elsewhere { $parts }.
provider-others = { $total ->
    [one] The other site is fine.
   *[other] The other { $total } sites are fine.
}
provider-does-not-know = { $does }; we cannot tell how its sites are now
provider-does-well = { $total ->
    [one] { $does }: its one site is fine again
   *[other] { $does }: its { $total } sites are fine again
}
provider-does-well-known = { $does }: those of its sites that we know of are fine again
provider-does-well-but = { $does }: the sites that failed are fine again; otherwise, { $parts }
provider-does-fail = { $does }: { $parts }
provider-fine-again = { $total ->
    [one] its only site is fine again
   *[other] its { $total } sites are fine again
}
phase-failed = seemed to be failing
phase-recovering = seems to be recovering
phase-failing = seems to be failing
part-of = { $count } of { $total } sites { $does }
part-of-its = { $total ->
    [one] its one site { $does }
   *[other] { $count } of its { $total } sites { $does }
}
part-next = { $count } { $does }
does-down = { $count ->
    [one] is down
   *[other] are down
}
does-partial = { $count ->
    [one] is partly down
   *[other] are partly down
}
does-slow = { $count ->
    [one] is slow
   *[other] are slow
}

## Lookups.

lookup-doubt = We cannot tell about { $name }: our own connection seems to be in trouble, since most of what we watch is failing too.
lookup-no-name = There is no site at { $name }: that name does not exist.
lookup-away-redirect = { $name } redirects to a place that we do not check: a private address, or a port that websites do not use.
lookup-away-often = So many lookups have gone to the server of { $name }, or to its neighbours, in the last minute that we held back. Please try again in a minute.
lookup-away = { $name } leads to an address that is not on the public internet. We only check public sites.
