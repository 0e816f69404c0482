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
# As long as it is not known for long enough to say that it always does.
# $how: how we know, in brackets with a space before them, or nothing.
sentence-up-away = { $name } answers, but turns us away{ $how }; we cannot see whether it lets people in.
# The answer is 451: for what the law says where we are.
sentence-up-unavailable = { $name } answers that it is not available from where we look ({ $how }).
# $how: how we know, in brackets with a space before them, or nothing.
sentence-up-turned-away = { $name } answers, but it has turned us away since { $since }{ $how }; until then it did not. It may turn everybody away.
sentence-up-unavailable-new = { $name } has answered since { $since } that it is not available from where we look{ $how }; until then it was.
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
list-more = { $before } and { $n } more

## The sentence of the day.

headline-none = No site is being watched.
headline-never = We have not looked yet.
headline-stale = We do not know: no fresh check since { $since }.
headline-doubt-line = We do not know how the sites are: our own connection is down.
headline-doubt-names = We do not know how the sites are: our own name servers do not work.
headline-doubt-alone = We do not know how the sites are: nothing answers that could show whether it is them or our own connection.
headline-doubt-intercepted = We do not know how the sites are: most began to fail in the same way at once, so it is probably our own connection.
headline-doubt-congested = We do not know how the sites are: most became slow at once, so it is probably our own connection.
headline-more = { $n ->
    [one] We do not know about one more{ $why }.
   *[other] We do not know about { $n } more{ $why }.
}
headline-why-line = : our own connection is down
headline-why-names = : our own name servers do not work
headline-why-alone = : nothing answers that could show whether it is them or our own connection
headline-why-intercepted = : most began to fail in the same way at once, so it is probably our own connection
headline-why-congested = : most became slow at once, so it is probably our own connection
headline-known = { $known ->
    [one] The one site of { $total } that we know about is fine.
   *[other] The { $known } of { $total } sites that we know about are fine.
}
headline-fine = { $total ->
    [one] The one site is fine.
   *[other] All { $total } sites are fine.
}
# $n: how many of them answer in an unusual way.
headline-unusual = { $total ->
    [one] The one site answers, but not as usual.
   *[other] All { $total } sites answer, but { $n ->
        [one] one of them not as usual.
       *[other] { $n } of them not as usual.
    }
}
headline-known-unusual = { $known ->
    [one] The one site of { $total } that we know about answers, but not as usual.
   *[other] The { $known } of { $total } sites that we know about answer, but { $n ->
        [one] one of them not as usual.
       *[other] { $n } of them not as usual.
    }
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
# A CDN says that it cannot reach the servers of the site (HTTP 520 to 530).
failure-origin = Cloudflare cannot reach its servers
failed-origin = Cloudflare could not reach its servers
failure-timeout = it took too long to answer
failure-reset = it broke the connection off before the answer was whole
failure-protocol = what came back was not a web page
failure-redirect = it sends visitors round without arriving
failure-http = it answers with an error
failure-body = its page is not what it should be
# The same, of what is over by now, where it is said in another way.
failed-redirect = it sent visitors round without arriving
failed-http = it answered with an error
failed-body = its page was not what it should be
cause-detail = { $words } ({ $detail })
# The same, of a place that the site redirects to.
elsewhere-dns = it redirects to { $host }, whose address could not be looked up
elsewhere-connect = it redirects to { $host }, to which no connection could be made
elsewhere-tls = it redirects to { $host }, to which no safe connection could be made
elsewhere-timeout = it redirects to { $host }, which took too long to answer
elsewhere-reset = it redirects to { $host }, which broke the connection off before the answer was whole
elsewhere-protocol = it redirects to { $host }, from which no web page came back
elsewhere-http = it redirects to { $host }, which answers with an error
elsewhere-body = it redirects to { $host }, whose page is not what it should be

## Details of failures and of restrictions, in brackets behind the words for why: none of them has
## brackets or a full stop. Programs read the English.

detail-words-of-others = { $text }
detail-elsewhere = at { $host }, where it redirects to: { $detail }
detail-late-dns = the name servers did not answer within { $seconds } s
detail-late-connect = no connection within { $seconds } s
detail-late-tls = no TLS handshake within { $seconds } s
detail-late-wait = no reply within { $seconds } s
detail-late-transfer = the page did not end within { $seconds } s
detail-late-end = no end within { $seconds } s
detail-no-such-name = no such name: NXDOMAIN
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
detail-names-unreachable = the name servers cannot be reached
detail-names-special = it resolves to { $address }, which is not a public address
detail-names-bad = it is not a name that can be looked up
detail-names-unknown = the name could not be looked up
detail-refused = connection refused
detail-network = its network cannot be reached
detail-host = its server cannot be reached, there is no route to it
detail-forbidden = the machine that we look from does not allow the connection
detail-connect-silent = no answer to the connection
detail-connect-closed = the connection was closed as it was made
detail-connect-failed = no connection could be made
detail-os-error = the operating system says: “{ $text }”
detail-silent = the connection went silent
detail-closed-tls = the connection was closed during the TLS handshake
detail-closed-wait = the connection was closed before the reply
detail-closed-transfer = the connection was closed in the middle of the page
detail-not-whole = the connection ended before the reply was whole
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
detail-tls-failed = the TLS handshake failed
detail-tls-failed-said = the TLS handshake failed: “{ $text }”
detail-certificate-none = the server shows no certificate
detail-certificate-expired = the certificate has expired
detail-certificate-expired-on = the certificate expired on { $date }
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
detail-port = port { $port } is not one of a web site
detail-special = { $address } is not a public address
detail-redirects = more than { $most } redirects
detail-loop = redirect loop at { $text }
detail-redirect-bad = redirect to "{ $text }", which is not a URL
detail-redirect-scheme = redirect to "{ $text }", which is not http or https
detail-redirect-credentials = redirect to "{ $text }", which has credentials in it
detail-status = { $status } “{ $text }”
# $kind: the status as a number, to choose by; $status: the same as text, to show.
detail-cloudflare-origin = { $kind ->
    [520] its servers give Cloudflare no valid answer, HTTP { $status }
    [521] its servers refuse the connection of Cloudflare, HTTP { $status }
    [524] its servers do not answer Cloudflare in time, HTTP { $status }
    [525] no safe connection can be made from Cloudflare to its servers, HTTP { $status }
    [526] the certificate that its servers show Cloudflare is not valid, HTTP { $status }
   *[other] Cloudflare cannot reach its servers, HTTP { $status }
}
detail-maintenance = HTTP 503, for maintenance as its page says
detail-retry-after = HTTP 503, with the request to come back later
restriction-challenge = a challenge page of { $owner }
restriction-legal = unavailable for legal reasons, HTTP 451
restriction-999 = HTTP 999, which some servers answer robots with

## Notes: what is told of a site that answers, beside its status.

note-intermittent = It fails now and then: since { $since } many of our looks have passed only at a second try.
note-turned-away = It has turned us away since { $since }; until then it did not. It may turn everybody away.
note-unavailable = It has answered since { $since } that it is not available from where we look; until then it was.
note-ipv4 = Over IPv4 it fails, since { $since }; over IPv6 it works.
note-ipv6 = Over IPv6 it fails, since { $since }; over IPv4 it works.
note-address = One of its addresses fails, since { $since }; the others work.
note-old-tls = It answers, but offers only old encryption that we do not speak, seen since { $since }. That is our limit: we cannot see its pages, and browsers may.
note-chain = Its server leaves out a certificate of its chain, seen since { $since }. Many browsers find it themselves; other programs may refuse to connect.
note-page-shrunk = It answers, but not as usual since { $since }: its page has lost nearly all of its usual length.
note-page-error = It answers, but not as usual since { $since }: the title of its page is that of an error.
note-elsewhere = It answers, but not as usual since { $since }: it leads to another site than before.
# The same in a few words, for lists and badges.
mark-intermittent = fails now and then
mark-turned-away = turns us away now
mark-ipv4 = fails over IPv4
mark-ipv6 = fails over IPv6
mark-address = one address fails
mark-old-tls = only old encryption
mark-chain = leaves out a certificate
mark-page = not as usual

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
clock-on-day = { $day }, { $time }
month-of-year = { $month } { $year }
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

# $why: `sentence-unstable-why`, or a full stop.
sentence-unstable = { $name } is unstable: it keeps failing and coming back{ $why }
sentence-unstable-long = { $name } is unstable: it keeps failing and coming back, and has for { $long }{ $why }
sentence-unstable-why = ; last { $why }.
sentence-doubt-line = We do not know about { $name }: our own connection is down.
sentence-doubt-names = We do not know about { $name }: our own name servers do not work.
sentence-doubt-alone = We do not know about { $name }: it does not answer, and nothing else does that could show whether it is the site or our own connection.
sentence-doubt-intercepted = We do not know about { $name }: most sites began to fail in the same way at once, so it is probably our own connection.
sentence-doubt-congested = We do not know about { $name }: most sites became slow at once, so it is probably our own connection.

## Providers. $does: what a provider does, after its name.

provider-since = { $name } { $does }, since { $since }.
provider-began = { $name } { $does }. It began at { $since }.
provider-fails = { $name } { $does }.
provider-blame = { $name }, which serves it, { $does }.
provider-blame-names = { $name }, which answers for its name, { $does }.
provider-blame-certificate = { $name }, which issued its certificate, { $does }.
provider-blame-declared = { $name }, on which it depends, { $does }.
provider-blame-left = It failed together with other sites of { $name }, which itself seems to have recovered.
provider-empty = We watch no site at { $name }.
provider-unknown = We do not know how the sites at { $name } are.
provider-well-known = { $name } seems well: the { $known } of its { $total } sites that we know are fine.
provider-well = { $total ->
    [one] { $name } seems well: the one site there that we watch is fine.
   *[other] { $name } seems well: all of its { $total } sites that we watch are fine.
}
provider-unclear = We cannot tell whether { $name } is failing: { $parts }.
provider-own-one = { $name } seems well: { $parts }, but the problem looks like that site's own.
provider-own = { $name } seems well: { $parts }, but apparently not for the same reason.
provider-own-some = { $name } seems well otherwise: { $parts }.
# $other: the provider that they are bad with.
provider-through = { $name } seems well: { $parts }, but that looks like the failure of { $other }.
# $since: when its event began; $count: how many of these sites are bad since then.
provider-left = { $name } seems to have recovered from the failure that began at { $since }, but not all of its sites have: { $parts }.
provider-left-some = { $name } seems to have recovered from the failure that began at { $since }: { $parts }, { $count } of them since then.
# $minutes: within how many minutes they turned bad; at least one.
provider-together = { $minutes ->
    [one] { $name }: { $count } of its { $total } sites turned bad within a minute of each other; we are looking.
   *[other] { $name }: { $count } of its { $total } sites turned bad within { $minutes } minutes of each other; we are looking.
}
provider-together-still = { $minutes ->
    [one] { $name }: { $count } of its { $total } sites turned bad within a minute of each other; we cannot tell whether they have one cause.
   *[other] { $name }: { $count } of its { $total } sites turned bad within { $minutes } minutes of each other; we cannot tell whether they have one cause.
}

# What made us say so. $group: one of the next four; $others: the sites elsewhere.
evidence = { $group } turned bad within { $minutes ->
    [one] a minute
   *[other] { $minutes } minutes
} of each other, and alike ({ $alike }); of the { $others } sites elsewhere { $elsewhere ->
    [0] none did so then.
    [one] one did so then.
   *[other] { $elsewhere } did so then.
} We see that from outside; it is no word of { $name }.
evidence-serves = { $affected } of the { $of } sites that { $name } serves
evidence-names = { $affected } of the { $of } sites for whose names { $name } answers
evidence-certificate = { $affected } of the { $of } sites whose certificates { $name } issued
evidence-declared = { $affected } of the { $of } sites that depend on { $name }
alike-certificate = a certificate that is not valid
alike-errors = errors of the server
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
    [one] is down in places
   *[other] are down in places
}
does-slow = { $count ->
    [one] is slow
   *[other] are slow
}

## Lookups.

lookup-doubt = We do not know about { $name }: our own connection seems to be in trouble, since most of what we watch fails as well.
lookup-away-redirect = { $name } sends its visitors on to a place where we do not look: a private address, or a port that is not of the web.
lookup-away-often = Very many lookups lead to the same server as { $name } just now, so we did not look. Please try again in a minute.
lookup-away = { $name } leads to an address that is not of the public internet. We look at public sites only.
