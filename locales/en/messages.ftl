# Messages to people: chat, mail, phones. Titles first, then sentences.

## One site. $name: the site.

message-down = { $name } is down
message-partial = { $name } is partly down
message-slow = { $name } is slow
message-unstable = { $name } is unstable
message-up = { $name } is up again
message-better = { $name } is better
message-withdrawn = { $name } was not in trouble: we were

## Several sites. $at: `message-at`, or nothing.

message-many-down = { $n } sites{ $at } are down
message-many-partial = { $n } sites{ $at } are partly down
message-many-slow = { $n } sites{ $at } are slow
message-many-unstable = { $n } sites{ $at } are unstable
message-many-trouble = { $n } sites{ $at } are in trouble
message-many-up = { $n } sites{ $at } are up again
message-many-better = { $n } sites{ $at } are better
message-many-withdrawn = { $n } sites{ $at } were not in trouble: we were
message-many-noted = { $n } sites{ $at } answer, but not as they should
message-many-note-over = { $n } sites{ $at } answer as they should again
message-at = {" "}at { $provider }
# $names: a list of names.
message-names = { $title }: { $names }.
message-names-more = { $names } and { $n } more
message-more = and { $n } more
# What is told late. $text: a sentence or two.
message-late = At { $at }: { $text }

# Where a site was checked from. $places, $down, $others: lists of places.
message-from = Checked from { $places }.
message-from-some = Down from { $down }; it answers from { $others }.

## What is said of a bad stretch. $long: how long it lasted. $from: since when.

message-was-down = It was down for { $long }, from { $from }.
message-was-partial = It was partly down for { $long }, from { $from }.
message-was-slow = It was slow for { $long }, from { $from }.
message-was-unstable = It was unstable for { $long }, from { $from }.
message-was-trouble = It was in trouble for { $long }, from { $from }.
message-withdrawn-down = We take back that it was down from { $from }.
message-withdrawn-partial = We take back that it was partly down from { $from }.
message-withdrawn-slow = We take back that it was slow from { $from }.
message-withdrawn-trouble = We take back that it was in trouble from { $from }.
message-changing = It keeps changing; the next message comes when it has been well for { $long } or gets worse.

## Providers. $name: the provider.

message-failing = { $name } seems to be failing
message-failing-sites = { $sentence } Of the sites that you follow: { $names }.
# Every site of it was told before.
message-one-cause = One cause: { $name } seems to be failing
message-one-cause-sites = { $sentence } That seems to be the common cause of what we told you about { $names }.
message-provider-up = { $name } seems to have recovered
message-provider-up-after = { $name } seems to have recovered, after { $long }, from { $from }.
message-yours-up = Your sites at { $name } are up again
message-yours-up-still = { $name } still seems to be failing, for { $long }, since { $from }.
message-up-again = { $text } Up again: { $names }.
message-still-bad = { $text } Still in trouble: { $names }.

## A test. $channel: the name of a channel.

message-test = A test from stillup
message-test-text = This is a test of the channel "{ $channel }", sent at { $at }. Nothing is wrong.

## Notes: that one begins, in a title and in a sentence, and that it is over.

noted-intermittent = { $name } fails now and then
noted-turned-away = { $name } turns us away
noted-unavailable = { $name } says it is not available here
noted-ipv4-fails = { $name } fails over IPv4
noted-ipv6-fails = { $name } fails over IPv6
noted-address-fails = One address of { $name } fails
noted-old-tls = { $name } offers only old encryption
noted-incomplete-chain = { $name } leaves out a certificate
noted-page-shrunk = The page of { $name } is nearly empty
noted-page-is-error = The page of { $name } looks like an error
noted-leads-elsewhere = { $name } leads to another site
noted-since-intermittent = { $name } has been failing now and then since { $since }: many of our checks pass only on the second try.
noted-since-turned-away = { $name } has been turning us away since { $since }; until then it did not. It may turn everybody away.
noted-since-unavailable = { $name } has been answering since { $since } that it is not available from where we check; until then it was.
noted-since-ipv4-fails = { $name } has been failing over IPv4 since { $since }; over IPv6 it works.
noted-since-ipv6-fails = { $name } has been failing over IPv6 since { $since }; over IPv4 it works.
noted-since-address-fails = One of the addresses of { $name } has been failing since { $since }; the others work.
noted-since-old-tls = { $name } answers, but offers only old encryption that we do not support, seen since { $since }. That is our limit: browsers may still show it.
noted-since-incomplete-chain = The server of { $name } leaves out a certificate of its chain, seen since { $since }. Many browsers find it themselves; other programs may refuse to connect.
noted-since-page-shrunk = { $name } answers, but its page has been nearly empty since { $since }.
noted-since-page-is-error = { $name } answers, but since { $since } the title of its page has been that of an error.
noted-since-leads-elsewhere = { $name } answers, but has been leading to another site than before since { $since }.
note-over-intermittent = { $name } no longer fails now and then
note-over-turned-away = { $name } lets us in again
note-over-ipv4-fails = { $name } works over IPv4 again
note-over-ipv6-fails = { $name } works over IPv6 again
note-over-address-fails = All addresses of { $name } work again
note-over-old-tls = { $name } offers encryption that we support again
note-over-incomplete-chain = { $name } sends its whole chain of certificates
note-over-page-shrunk = The page of { $name } has its usual length again
note-over-page-is-error = The page of { $name } no longer looks like an error
note-over-leads-elsewhere = { $name } no longer leads to another site
# $title: one of the ten before. $since: when it began. $long: how long it lasted.
note-over-text = { $title }, after { $long }, from { $since }.
# Several notes on one site, or their ends.
noted-and = { $before }; { $last }
