### Woorden van beheerders: berichten, gepland werk, hun pagina, het maandrapport.

## De pagina over de API

api-changes = Wijzigingen
api-changes-text = Om iets te wijzigen heeft u een token van de beheerder nodig, die het maakt met: stillup token add NAAM --may notices,planned. Elke wijziging komt in het logboek, onder de naam van het token. Een half uur gepland werk aankondigen, vanaf nu:
api-permission = Recht
api-else-calendar = Gepland werk als agenda (iCalendar); ook voor één site
api-of-listNotices = Berichten
api-of-getNotice = Eén bericht
api-of-listPlanned = Gepland werk
api-of-getPlanned = Eén stuk gepland werk
api-of-openNotice = Een bericht plaatsen
api-of-updateNotice = Een bericht bijwerken
api-of-announcePlanned = Werk aankondigen
api-of-cancelPlanned = Gepland werk afzeggen
api-of-putSite = Een site toevoegen of wijzigen
api-of-removeSite = Een site verwijderen
api-of-checkSite = Een site nu controleren

## Meldingen en pagina's: de stand van een bericht

message-notice = { $title }: { $state }
message-certificate = Het certificaat van { $name } verloopt over { $long }
message-certificate-text = Het certificaat van { $name } verloopt over { $long }, op { $at }. Daarna weigeren browsers de site te openen.
message-certificates = De certificaten van { $n } sites verlopen binnenkort
message-certificates-text = { $names }. Daarna weigeren browsers de sites te openen.
message-certificate-line = { $name }: verloopt over { $long }, op { $at }
notice-state-investigating = wordt onderzocht
notice-state-identified = oorzaak bekend
notice-state-monitoring = wordt gevolgd
notice-state-resolved = opgelost
notice-state-postmortem = terugblik

notice-state-html = { $state }, { $ago }
notice-impact-none = geen
notice-impact-minor = klein
notice-impact-major = groot
notice-impact-critical = kritiek
notice-impact = Gevolgen
notice-notice = Bericht
notice-all-sites = Alle sites
notice-beside = Geschreven door de beheerders van deze pagina. Wat wij meten staat ernaast, en het een verandert niets aan het ander.
notice-updates = Updates
notice-facts = Gegevens
notice-about = Betreft
notice-about-all = alle sites
said-notices = Berichten
said-planned = Gepland werk
planned-until-html = Gepland tot { $until }
planned-from-html = Van { $from } tot { $until }

## De pagina van de beheerder

operate-title = Beheer
operate-text = Wat op iemand wacht, berichten, gepland werk en de laatste wijzigingen.
operate-sign-in-text = Voor wie deze dienst beheert. Meld u aan met een token dat mag lezen; stillup token add maakt er een.
operate-token = Token
operate-sign-in = Aanmelden
operate-sign-out = Afmelden
operate-unknown = Dit token is niet bekend.
operate-may-not-read = Dit token mag deze pagina niet lezen: daarvoor is het recht read nodig.
operate-too-often = Te veel pogingen. Wacht een minuut.
operate-as = Aangemeld als { $name }.
operate-refused = Er is niets gewijzigd. { $why }
operate-may-not = Het token { $name } heeft het recht { $needs } niet.
operate-too-many = Te veel wijzigingen binnen een minuut.
operate-gone = Dit is er niet meer.
operate-conflict = Er is intussen iets veranderd; hieronder staat hoe het nu is.
operate-failed = Het kon niet worden bewaard.
operate-wrong-empty = Vul “{ $field }” in.
operate-wrong-long = “{ $field }” mag hooguit { $most } tekens lang zijn.
operate-wrong-hidden = In “{ $field }” staat een onzichtbaar teken; maak het veld leeg en typ de tekst opnieuw.
# $n: hoeveel van de woorden geen slug zijn; nul als het er te veel zijn. $names: die woorden.
operate-wrong-sites = { $n ->
    [0] Noem hooguit 200 sites; gebruik een tag voor meer.
    [one] { $names } is geen slug. Een slug ziet eruit als slack.com.
   *[other] { $names } zijn geen slugs. Een slug ziet eruit als slack.com.
}
operate-wrong-tags = Noem hooguit 200 tags, van hooguit 100 tekens.
operate-wrong-choice = Kies een van de mogelijkheden.
operate-not-taken = Er is iets met een bestand; wat gold, geldt nog.
operate-no-site-has = Geen site heeft: { $names }. Is het een tikfout?
operate-waits = Wacht op u
operate-waits-none = Niets.
operate-channel = Kanaal { $name }: { $waiting } meldingen wachten, { $failed } zijn sinds de start opgegeven.
operate-records-here = Deze node, { $node }, legt alles vast.
operate-records-elsewhere = { $node } legt alles vast; deze node volgt.
operate-away = Postgres is al { $long } onbereikbaar; { $n } controles wachten op schijf.
operate-set-aside = { $n } rijen zijn door Postgres geweigerd en apart gezet; stillup journal refused toont ze.
operate-held = Er kan niet naar de schijf worden geschreven: controles kunnen niet meer worden bewaard.
operate-agent-silent = Agent { $name } in { $region } heeft al { $long } niets gemeld.
operate-agent-never = Agent { $name } in { $region } heeft nog niets gemeld.
operate-agent-clock = Agent { $name } in { $region } telt niet mee: de klok loopt verkeerd.
operate-agent-rules = Agent { $name } in { $region } telt niet mee: er draait een andere versie.
operate-agent-overload = Agent { $name } in { $region } telt niet mee: er is te veel te doen.
operate-agent-network = Agent { $name } in { $region } telt niet mee: het eigen netwerk werkt niet.
operate-notices-none = Er staat geen bericht open.
operate-open = Een bericht plaatsen
operate-open-title = Titel
operate-open-text = Wat er bekend is
operate-sites = Alleen deze sites (slugs)
operate-tags = Alleen sites met deze tags
operate-update-text = Wat er nieuw is
operate-state = Stand
operate-update = Bijwerken
operate-planned-none = Er is niets gepland.
operate-plan = Werk plannen vanaf nu
operate-plan-name = Naam
operate-plan-button = Voor { $long }
operate-end = Nu beëindigen
operate-cancel = Afzeggen
operate-certificates = Certificaten die binnenkort verlopen
operate-certificates-none = Geen binnen drie weken.
operate-ends-html = verloopt op { $at }
operate-changes = Laatste wijzigingen
operate-changes-none = Nog geen.
operate-by = Door
operate-what = Wijziging

## Het maandrapport

report-title = { $name }, { $month }
report-period = { $month } in de tijdzone { $zone }: van { $from } tot { $until }
report-incomplete = De maand is nog niet voorbij; de cijfers lopen tot { $at }.
report-method-title = Hoe dit is gemeten
report-method = Elke site wordt met vaste tussenpozen gecontroleerd. Een storing begint bij de eerste mislukte controle van de reeks die haar bevestigde, op nieuwe verbindingen en andere adressen, en eindigt bij de eerste goede. Traag en deels onbereikbaar tellen als bereikbaar. Tijd waarin niet is gecontroleerd, of waarin we aan onszelf twijfelden, telt niet mee. Aandelen zijn naar beneden afgerond en worden alleen gegeven als minstens de helft van de tijd is gecontroleerd. In de tweede kolom, waar die er is, telt gepland werk dat vooraf was aangekondigd niet mee.
report-rule = elke { $interval } gecontroleerd, met een tijdslimiet van { $timeout }
report-figure = Cijfer
report-all = Totaal
report-outside = Zonder gepland werk
report-uptime = Beschikbaarheid
report-watched = Gevolgd
report-unwatched = Niet gevolgd
report-down = Onbereikbaar
report-partial = Deels onbereikbaar
report-slow = Traag
report-latency = { $n ->
    [one] Eén controle
   *[other] { $n } controles
}. De helft van de goede antwoorden kwam binnen { $half }, 95 van de 100 binnen { $most }, 99 van de 100 binnen { $nearly }; het langste duurde { $longest }.
report-announced = vooraf aangekondigd
report-not-announced = niet vooraf aangekondigd, dus niet weggelaten
report-no-outages = Geen.
report-of-it-planned = waarvan { $long } gepland
exact-hours = { $n } u
exact-minutes = { $n } min
exact-seconds = { $n } s
report-sha256 = SHA-256 van de JSON:
report-link = Rapport over deze maand
uptime-outside = Laatste 30 dagen: { $all }, en { $rest } zonder het geplande werk dat vooraf was aangekondigd.
