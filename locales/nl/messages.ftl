# Berichten aan mensen: chat, mail, telefoons. Eerst titels, dan zinnen.

## Eén site. $name: de site.

message-down = { $name } ligt eruit
message-partial = { $name } is deels onbereikbaar
message-slow = { $name } is traag
message-unstable = { $name } is onstabiel
message-up = { $name } werkt weer
message-better = Het gaat beter met { $name }
message-withdrawn = Het lag aan ons, niet aan { $name }

## Meer sites. $at: `message-at`, of niets.

message-many-down = { $n } sites{ $at } liggen eruit
message-many-partial = { $n } sites{ $at } zijn deels onbereikbaar
message-many-slow = { $n } sites{ $at } zijn traag
message-many-unstable = { $n } sites{ $at } zijn onstabiel
message-many-trouble = { $n } sites{ $at } hebben problemen
message-many-up = { $n } sites{ $at } werken weer
message-many-better = Het gaat beter met { $n } sites{ $at }
message-many-withdrawn = Het lag aan ons, niet aan { $n } sites{ $at }
message-many-noted = { $n } sites{ $at } antwoorden, maar niet zoals het hoort
message-many-note-over = { $n } sites{ $at } antwoorden weer zoals het hoort
message-at = {" "}bij { $provider }
# $names: een lijst van namen.
message-names = { $title }: { $names }.
message-names-more = { $names } en nog { $n }
message-more = en nog { $n }
# Wat laat verteld wordt. $text: een zin of twee.
message-late = Om { $at }: { $text }

# Van waaruit een site gecontroleerd is. $places, $down, $others: lijsten van plaatsen.
message-from = Gecontroleerd vanuit { $places }.
message-from-some = Niet bereikbaar vanuit { $down }; wel vanuit { $others }.

## Wat er van een slechte tijd gezegd wordt. $long: hoe lang die duurde. $from: sinds wanneer.

message-was-down = De site lag er { $long } uit, vanaf { $from }.
message-was-partial = De site was { $long } deels onbereikbaar, vanaf { $from }.
message-was-slow = De site was { $long } traag, vanaf { $from }.
message-was-unstable = De site was { $long } onstabiel, vanaf { $from }.
message-was-trouble = De site had { $long } problemen, vanaf { $from }.
message-withdrawn-down = We zeiden dat de site er vanaf { $from } uit lag; dat nemen we terug.
message-withdrawn-partial = We zeiden dat de site vanaf { $from } deels onbereikbaar was; dat nemen we terug.
message-withdrawn-slow = We zeiden dat de site vanaf { $from } traag was; dat nemen we terug.
message-withdrawn-trouble = We zeiden dat de site vanaf { $from } problemen had; dat nemen we terug.
message-changing = Het wisselt steeds; het volgende bericht komt als het { $long } goed is gegaan of erger wordt.

## Aanbieders. $name: de aanbieder.

message-failing = { $name } lijkt te haperen
message-failing-sites = { $sentence } Van de sites die u volgt: { $names }.
# Van al zijn sites is het al verteld.
message-one-cause = Eén oorzaak: { $name } lijkt te haperen
message-one-cause-sites = { $sentence } Dat lijkt de gezamenlijke oorzaak van wat we u meldden over { $names }.
message-provider-up = { $name } lijkt hersteld
message-provider-up-after = { $name } lijkt hersteld, na { $long }, vanaf { $from }.
message-yours-up = Uw sites bij { $name } werken weer
message-yours-up-still = { $name } lijkt nog te haperen, al { $long }, sinds { $from }.
message-up-again = { $text } Werkt weer: { $names }.
message-still-bad = { $text } Nog niet in orde: { $names }.

## Een proef. $channel: de naam van een kanaal.

message-test = Een proefbericht van stillup
message-test-text = Dit is een proefbericht voor het kanaal "{ $channel }", verstuurd om { $at }. Er is niets mis.

## Opmerkingen: dat er een begint, in een titel en in een zin, en dat het voorbij is.

noted-intermittent = { $name } hapert
noted-turned-away = { $name } weert ons
noted-unavailable = { $name } zegt hier niet beschikbaar te zijn
noted-ipv4-fails = { $name } werkt niet via IPv4
noted-ipv6-fails = { $name } werkt niet via IPv6
noted-address-fails = Eén adres van { $name } werkt niet
noted-old-tls = { $name } biedt alleen oude versleuteling
noted-incomplete-chain = { $name } laat een certificaat weg
noted-page-shrunk = De pagina van { $name } is bijna leeg
noted-page-is-error = De pagina van { $name } lijkt een foutmelding
noted-leads-elsewhere = { $name } leidt naar een andere site
noted-since-intermittent = { $name } hapert sinds { $since }: veel van onze controles lukken pas bij een tweede poging.
noted-since-turned-away = { $name } weert ons sinds { $since }; tot dan toe niet. Misschien weert de site iedereen.
noted-since-unavailable = { $name } antwoordt sinds { $since } dat de site niet beschikbaar is waar wij kijken; tot dan toe wel.
noted-since-ipv4-fails = { $name } werkt sinds { $since } niet via IPv4; via IPv6 wel.
noted-since-ipv6-fails = { $name } werkt sinds { $since } niet via IPv6; via IPv4 wel.
noted-since-address-fails = Een van de adressen van { $name } werkt sinds { $since } niet; de andere wel.
noted-since-old-tls = { $name } antwoordt, maar biedt alleen oude versleuteling die wij niet spreken, gezien sinds { $since }. Dat is onze beperking: browsers tonen de site misschien wel.
noted-since-incomplete-chain = De server van { $name } laat een certificaat uit zijn keten weg, gezien sinds { $since }. Veel browsers vinden het zelf; andere programma’s weigeren misschien de verbinding.
noted-since-page-shrunk = { $name } antwoordt, maar de pagina is sinds { $since } bijna leeg.
noted-since-page-is-error = { $name } antwoordt, maar sinds { $since } heeft de pagina de titel van een foutmelding.
noted-since-leads-elsewhere = { $name } antwoordt, maar leidt sinds { $since } naar een andere site dan eerst.
note-over-intermittent = { $name } hapert niet meer
note-over-turned-away = { $name } laat ons weer toe
note-over-ipv4-fails = { $name } werkt weer via IPv4
note-over-ipv6-fails = { $name } werkt weer via IPv6
note-over-address-fails = Alle adressen van { $name } werken weer
note-over-old-tls = { $name } biedt versleuteling die wij spreken
note-over-incomplete-chain = { $name } stuurt zijn hele keten van certificaten
note-over-page-shrunk = De pagina van { $name } heeft weer de gewone lengte
note-over-page-is-error = De pagina van { $name } lijkt geen foutmelding meer
note-over-leads-elsewhere = { $name } leidt niet meer naar een andere site
# $title: een van de tien hiervoor. $since: wanneer het begon. $long: hoe lang het duurde.
note-over-text = { $title }, na { $long }, vanaf { $since }.
# Meer opmerkingen over één site, of hun eindes.
noted-and = { $before }; { $last }
