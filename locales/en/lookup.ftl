# What is said about lookups: of what visitors type, of what we saw, of what others say.

## Why a target cannot be looked at.

refused-empty = There is no name in it. Type one such as slack.com.
refused-long = It is longer than any address of a site.
refused-scheme = We look at sites over http and https only.
refused-credentials = It has a user name or a password in it. Leave them out.
refused-name = That is not a name that a site can have. Type one such as slack.com.
refused-dot = That is not the whole name of a site. Did you mean { $name }?
refused-port = We do not look at port { $port }, only at those of web sites.
refused-special = { $address } is not an address of the public internet. We look at public sites only.
refused-special-name = Names that end in .{ $name } are not of the public internet. We look at public sites only.
missing-refused = We cannot look at { $wanted }.
missing-look = Look at { $name }

## What a look saw, beside the sentences for each verdict.

lookup-doubt = We do not know about { $name }: our own connection seems to be down, since nothing that we watch answers.
lookup-kept = { $name } leads to an address that is not of the public internet. We look at public sites only.
lookup-kept-redirect = { $name } sends its visitors on to a place where we do not look: a private address, or a port that is not of the web.
lookup-kept-note = What you asked for is not on the public internet, or not a web site. If it should be, its name leads elsewhere than you think.
lookup-nothing = We do not know about { $name }.

## The page.

lookup-title = Is { $name } up right now?
lookup-description = Whether { $name } is up right now, looked at from outside.
lookup-looking = Looking at { $name } now…
lookup-again-failed = The first look failed ({ $why }): looking again, to be sure…
lookup-again-slow = The answer was slow: looking again, to be sure…
lookup-checked-html = looked at { $ago } <span class="quiet">({ $time })</span>
lookup-alias = Alias of
lookup-attempts = Attempts
lookup-redirects = { $url } ({ $n } redirects)
lookup-certificate = { $date } ({ $long } left)
lookup-certificate-expired = { $date }: it has expired
lookup-last = This is what we knew last.
lookup-off = Visitors cannot look up other sites here.
lookup-budget = You have looked up many sites just now. Please wait { $n ->
    [one] a second
   *[other] { $n } seconds
}.
lookup-busy = Very many people look sites up just now. Please try again in a moment.
lookup-broke = Our own look broke. Please try again in a minute.
lookup-more = Look again
lookup-once-more = Look at { $name } again now
lookup-json = This as JSON

## Is it just me?

justme = Is it just you?
justme-button = Try it from my browser
justme-note = When you press this, and not before, your browser itself asks { $url } for its page, without cookies, and tells only you whether it was answered. We learn nothing of it.
justme-trying = Trying…
justme-everybody-html = Neither you nor we get an answer: <b>it is down for everybody</b>, as far as two can tell.
justme-here-html = Your browser gets an answer and we do not: <b>it is down only from where we look</b>.
justme-you-html = We get an answer and your browser does not: <b>it is down only for you</b>. It may be your connection, a filter in your network, or a browser extension.
justme-slow-html = It answers, but took { $time } s for you: <b>only slow for you</b>.
justme-slow-all-html = It answers you, but took { $time } s: <b>slow for you and for us</b>.
justme-fine-html = Your browser gets an answer as well, in { $time } s: <b>it is fine</b>.
justme-mixed = Your browser does not let a page like this one ask a site without encryption. Please try the address yourself.
justme-yes-html = We have no verdict to compare with. Your browser gets an answer, in { $time } s.
justme-no = We have no verdict to compare with. Your browser gets no answer.

## What the crowd does.

crowd-looked-up = { $n ->
    [one] Looked up by one visitor in the last hour.
   *[other] Looked up by { $n } visitors in the last hour.
}
crowd-looked-up-down = { $n ->
    [one] Looked up by one visitor in the last hour, who was told that it is down.
   *[other] Looked up by { $n } visitors in the last hour; { $down } of them were told that it is down.
}
crowd-reports-none = Nobody has reported a problem within a day.
crowd-reports-day = { $n ->
    [one] One visitor reported a problem within a day, and none in the last hour.
   *[other] { $n } visitors reported a problem within a day, and none in the last hour.
}
crowd-reports-hour = { $n ->
    [one] One visitor reported a problem in the last hour.
   *[other] { $n } visitors reported a problem in the last hour.
}
crowd-curve = Reports of the last 24 hours, half an hour a bar, at most { $most } in one.
report-button = I have a problem with it too
report-note = Counts you once an hour, without a cookie and without keeping who you are. It never changes the verdict.
report-thanks = Thank you: you are counted.
report-before = You were counted already within this hour.
trouble-403 = Not from there
trouble-403-text = This can be asked for from our own pages only.
