# Wat er over opzoeken gezegd wordt: over wat bezoekers typen, wat wij zagen en wat anderen zeggen.

## Waarom er niet gekeken kan worden.

refused-empty = Er staat geen naam in. Typ er een zoals slack.com.
refused-long = Dat is langer dan welk adres van een site ook.
refused-scheme = We kijken alleen naar sites over http en https.
refused-credentials = Er staat een gebruikersnaam of wachtwoord in. Laat die weg.
refused-name = Dat is geen naam die een site kan hebben. Typ er een zoals slack.com.
refused-dot = Dat is niet de hele naam van een site. Bedoelde u { $name }?
refused-port = We kijken niet naar poort { $port }, alleen naar die van websites.
refused-special = { $address } is geen adres van het openbare internet. We kijken alleen naar openbare sites.
refused-special-name = Namen die eindigen op .{ $name } horen niet bij het openbare internet. We kijken alleen naar openbare sites.
missing-refused = We kunnen niet kijken naar { $wanted }.
missing-look = Kijk naar { $name }

## Wat we zagen, naast de zinnen voor elk oordeel.

lookup-doubt = We weten het niet van { $name }: onze eigen verbinding lijkt weg te zijn, want niets wat we volgen geeft antwoord.
lookup-kept = { $name } leidt naar een adres dat niet bij het openbare internet hoort. We kijken alleen naar openbare sites.
lookup-kept-redirect = { $name } stuurt bezoekers door naar een plek waar we niet kijken: een privéadres, of een poort die niet van het web is.
lookup-kept-note = Wat u vroeg staat niet op het openbare internet, of is geen website. Als dat wel zo zou moeten zijn, leidt de naam ergens anders heen dan u denkt.
lookup-nothing = We weten het niet van { $name }.

## De pagina.

lookup-title = Is { $name } nu bereikbaar?
lookup-description = Of { $name } nu bereikbaar is, van buitenaf bekeken.
lookup-looking = We kijken nu naar { $name }…
lookup-again-failed = De eerste keer mislukte ({ $why }): we kijken nog eens, voor de zekerheid…
lookup-again-slow = Het antwoord was traag: we kijken nog eens, voor de zekerheid…
lookup-checked-html = bekeken { $ago } <span class="quiet">({ $time })</span>
lookup-alias = Alias van
lookup-attempts = Pogingen
lookup-redirects = { $url } ({ $n } keer doorgestuurd)
lookup-certificate = { $date } (nog { $long })
lookup-certificate-expired = { $date }: het is verlopen
lookup-last = Dit is wat we het laatst wisten.
lookup-off = Bezoekers kunnen hier geen andere sites opzoeken.
lookup-budget = U hebt net veel sites opgezocht. Wacht { $n ->
    [one] een seconde
   *[other] { $n } seconden
}.
lookup-busy = Er zoeken nu heel veel mensen sites op. Probeer het zo nog eens.
lookup-broke = Ons eigen kijken ging mis. Probeer het over een minuut nog eens.
lookup-more = Nog eens kijken
lookup-once-more = Kijk nu nog eens naar { $name }
lookup-json = Dit als JSON

## Ligt het aan mij?

justme = Ligt het aan u?
justme-button = Probeer het vanuit mijn browser
justme-note = Als u hierop drukt, en niet eerder, vraagt uw browser zelf de pagina op van { $url }, zonder cookies, en zegt alleen tegen u of er antwoord kwam. Wij horen er niets van.
justme-trying = Bezig…
justme-everybody-html = U krijgt geen antwoord en wij ook niet: <b>het ligt er voor iedereen uit</b>, voor zover twee dat kunnen zeggen.
justme-here-html = Uw browser krijgt antwoord en wij niet: <b>het ligt er alleen uit vanaf waar wij kijken</b>.
justme-you-html = Wij krijgen antwoord en uw browser niet: <b>het ligt er alleen voor u uit</b>. Het kan uw verbinding zijn, een filter in uw netwerk of een extensie van uw browser.
justme-slow-html = Er komt antwoord, maar bij u duurde het { $time } s: <b>alleen voor u traag</b>.
justme-slow-all-html = U krijgt antwoord, maar het duurde { $time } s: <b>traag voor u en voor ons</b>.
justme-fine-html = Uw browser krijgt ook antwoord, in { $time } s: <b>het is in orde</b>.
justme-mixed = Uw browser laat een pagina als deze geen site zonder versleuteling opvragen. Probeer het adres zelf.
justme-yes-html = We hebben geen oordeel om mee te vergelijken. Uw browser krijgt antwoord, in { $time } s.
justme-no = We hebben geen oordeel om mee te vergelijken. Uw browser krijgt geen antwoord.

## Wat anderen doen.

crowd-looked-up = { $n ->
    [one] Het laatste uur door één bezoeker opgezocht.
   *[other] Het laatste uur door { $n } bezoekers opgezocht.
}
crowd-looked-up-down = { $n ->
    [one] Het laatste uur door één bezoeker opgezocht, die te horen kreeg dat het er uit ligt.
   *[other] Het laatste uur door { $n } bezoekers opgezocht; { $down } van hen kregen te horen dat het er uit ligt.
}
crowd-reports-none = Niemand heeft de afgelopen dag een probleem gemeld.
crowd-reports-day = { $n ->
    [one] Eén bezoeker meldde de afgelopen dag een probleem, en niemand het laatste uur.
   *[other] { $n } bezoekers meldden de afgelopen dag een probleem, en niemand het laatste uur.
}
crowd-reports-hour = { $n ->
    [one] Eén bezoeker meldde het laatste uur een probleem.
   *[other] { $n } bezoekers meldden het laatste uur een probleem.
}
crowd-curve = Meldingen van de laatste 24 uur, een half uur per staaf, hoogstens { $most } in één.
report-button = Ik heb er ook een probleem mee
report-note = Telt u eens per uur, zonder cookie en zonder te bewaren wie u bent. Het verandert nooit het oordeel.
report-thanks = Dank u: u bent meegeteld.
report-before = U was dit uur al meegeteld.
trouble-403 = Niet daarvandaan
trouble-403-text = Dit kan alleen vanaf onze eigen pagina’s gevraagd worden.
