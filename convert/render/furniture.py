"""The words of the program in a book, by language: headings, labels and controls that are not of the notes.

The English words are the keys. To add a language, add its code to `LANGUAGES` and a word to every line, in that order.
"""

from __future__ import annotations

LANGUAGES = ("de", "fr", "es", "pt", "it", "nl", "hi", "ja", "ar")

# fmt: off
WORDS: dict[str, tuple[str, ...]] = {
    "Watch the video": ("Video ansehen", "Voir la vidéo", "Ver el vídeo", "Ver o vídeo", "Guarda il video", "Video bekijken", "वीडियो देखें", "動画を見る", "شاهد الفيديو"),
    "Watch on {}": ("Ansehen auf {}", "Voir sur {}", "Ver en {}", "Ver em {}", "Guarda su {}", "Bekijken op {}", "{} पर देखें", "{}で見る", "شاهد على {}"),
    "Watch at {}": ("Ansehen ab {}", "Voir à {}", "Ver en {}", "Ver aos {}", "Guarda a {}", "Bekijken op {}", "{} पर देखें", "{}から見る", "شاهد عند {}"),
    "Open in {}": ("Öffnen in {}", "Ouvrir dans {}", "Abrir en {}", "Abrir no {}", "Apri in {}", "Openen in {}", "{} में खोलें", "{}で開く", "افتح في {}"),
    "Linked from": ("Verweise hierher", "Liens vers cette page", "Enlazado desde", "Ligações para cá", "Collegato da", "Verwijzingen hierheen", "यहाँ के लिंक", "リンク元", "روابط إلى هنا"),
    "and {} more": ("und {} weitere", "et {} autres", "y {} más", "e mais {}", "e altri {}", "en nog {}", "और {} अन्य", "ほか{}件", "و{} غيرها"),
    "Contents": ("Inhalt", "Sommaire", "Contenido", "Conteúdo", "Indice", "Inhoud", "विषय-सूची", "目次", "المحتويات"),
    "Topics": ("Themen", "Thèmes", "Temas", "Temas", "Argomenti", "Onderwerpen", "विषय", "索引", "المواضيع"),
    "Initials": ("Anfangsbuchstaben", "Initiales", "Iniciales", "Iniciais", "Iniziali", "Beginletters", "प्रथमाक्षर", "頭文字", "الأحرف الأولى"),
    "Videos": ("Videos", "Vidéos", "Vídeos", "Vídeos", "Video", "Video’s", "वीडियो", "動画", "الفيديوهات"),
    "Video": ("Video", "Vidéo", "Vídeo", "Vídeo", "Video", "Video", "वीडियो", "動画", "الفيديو"),
    "Video {}": ("Video {}", "Vidéo {}", "Vídeo {}", "Vídeo {}", "Video {}", "Video {}", "वीडियो {}", "動画 {}", "الفيديو {}"),
    "Notes": ("Notizen", "Notes", "Notas", "Notas", "Note", "Notities", "नोट्स", "ノート", "الملاحظات"),
    "Words": ("Wörter", "Mots", "Palabras", "Palavras", "Parole", "Woorden", "शब्द", "語数", "الكلمات"),
    "Links to moments": ("Verweise auf Zeitpunkte", "Liens vers des instants", "Enlaces a momentos", "Ligações a momentos", "Collegamenti a momenti", "Verwijzingen naar momenten", "क्षणों के लिंक", "時刻へのリンク", "روابط إلى لحظات"),
    "Colophon": ("Über dieses Buch", "Colophon", "Colofón", "Colofão", "Colophon", "Colofon", "पुष्पिका", "奥付", "بيانات الكتاب"),
    "Cover": ("Umschlag", "Couverture", "Cubierta", "Capa", "Copertina", "Omslag", "आवरण", "表紙", "الغلاف"),
    "Cover of {}": ("Umschlag von {}", "Couverture de {}", "Cubierta de {}", "Capa de {}", "Copertina di {}", "Omslag van {}", "{} का आवरण", "{}の表紙", "غلاف {}"),
    "Title page": ("Titelseite", "Page de titre", "Portada", "Página de rosto", "Frontespizio", "Titelpagina", "शीर्षक पृष्ठ", "扉", "صفحة العنوان"),
    "Beginning": ("Anfang", "Début", "Comienzo", "Início", "Inizio", "Begin", "आरंभ", "本文", "البداية"),
    "Landmarks": ("Wegmarken", "Repères", "Puntos de referencia", "Marcos", "Punti di riferimento", "Oriëntatiepunten", "मार्गचिह्न", "目印", "المعالم"),
    "The small times in the text are links: each opens the video at that moment. Other links lead to the note of that name in this book.": (
        "Die kleinen Zeiten im Text sind Verweise: Jede öffnet das Video an dieser Stelle. Andere Verweise führen zur Notiz dieses Namens in diesem Buch.",
        "Les petits temps dans le texte sont des liens : chacun ouvre la vidéo à cet instant. Les autres liens mènent à la note de ce nom dans ce livre.",
        "Los tiempos pequeños del texto son enlaces: cada uno abre el vídeo en ese momento. Los demás llevan a la nota de ese nombre en este libro.",
        "Os tempos pequenos no texto são ligações: cada um abre o vídeo nesse momento. As outras levam à nota com esse nome neste livro.",
        "I piccoli tempi nel testo sono collegamenti: ognuno apre il video in quel momento. Gli altri portano alla nota di quel nome in questo libro.",
        "De kleine tijden in de tekst zijn links: elke opent de video op dat moment. Andere links leiden naar de notitie met die naam in dit boek.",
        "पाठ में छोटे समय लिंक हैं: हर एक उस क्षण पर वीडियो खोलता है। अन्य लिंक इस पुस्तक में उस नाम के नोट तक ले जाते हैं।",
        "本文中の小さな時刻はリンクで、動画のその時点を開きます。ほかのリンクは、この本にある同名のノートを開きます。",
        "الأوقات الصغيرة في النص روابط: كل منها يفتح الفيديو عند تلك اللحظة. وتقود الروابط الأخرى إلى الملاحظة التي تحمل ذلك الاسم في هذا الكتاب.",
    ),
    "The notes were set as a book by {}.": ("Die Notizen hat {} als Buch gesetzt.", "Les notes ont été composées en livre par {}.", "{} compuso las notas como libro.", "As notas foram compostas como livro por {}.", "Le note sono state composte in libro da {}.", "De notities zijn als boek gezet door {}.", "नोट्स को {} ने पुस्तक के रूप में सजाया।", "ノートは{}によって本に組まれました。", "نُضّدت الملاحظات كتابًا بواسطة {}."),
    "p. {}": ("S. {}", "p. {}", "p. {}", "p. {}", "p. {}", "p. {}", "पृ. {}", "{}頁", "ص {}"),
    "vol. {}": ("Bd. {}", "vol. {}", "vol. {}", "vol. {}", "vol. {}", "dl. {}", "खंड {}", "第{}巻", "ج {}"),
    "From {}": ("Aus {}", "De {}", "De {}", "De {}", "Da {}", "Uit {}", "{} से", "{}より", "من {}"),
    "QR code: watch {}": ("QR-Code: {} ansehen", "Code QR : voir {}", "Código QR: ver {}", "Código QR: ver {}", "Codice QR: guarda {}", "QR-code: {} bekijken", "क्यूआर कोड: {} देखें", "QRコード：{}を見る", "رمز QR: شاهد {}"),
    "Skip to the text": ("Zum Text springen", "Aller au texte", "Ir al texto", "Ir para o texto", "Vai al testo", "Naar de tekst", "पाठ पर जाएँ", "本文へ", "انتقل إلى النص"),
    "Notes without a video": ("Notizen ohne Video", "Notes sans vidéo", "Notas sin vídeo", "Notas sem vídeo", "Note senza video", "Notities zonder video", "बिना वीडियो के नोट्स", "動画のないノート", "ملاحظات بلا فيديو"),
    "All notes": ("Alle Notizen", "Toutes les notes", "Todas las notas", "Todas as notas", "Tutte le note", "Alle notities", "सभी नोट्स", "すべてのノート", "كل الملاحظات"),
    "Chapter files": ("Kapiteldateien", "Fichiers de chapitres", "Archivos de capítulos", "Ficheiros de capítulos", "File dei capitoli", "Hoofdstukbestanden", "अध्याय फ़ाइलें", "チャプターファイル", "ملفات الفصول"),
    "Anki deck": ("Anki-Stapel", "Paquet Anki", "Mazo de Anki", "Baralho Anki", "Mazzo Anki", "Anki-stapel", "Anki डेक", "Ankiデッキ", "رزمة Anki"),
    "Chapters": ("Kapitel", "Chapitres", "Capítulos", "Capítulos", "Capitoli", "Hoofdstukken", "अध्याय", "チャプター", "الفصول"),
    "Previous": ("Vorige Seite", "Précédent", "Anterior", "Anterior", "Precedente", "Vorige", "पिछला", "前へ", "السابق"),
    "Next": ("Nächste Seite", "Suivant", "Siguiente", "Seguinte", "Successivo", "Volgende", "अगला", "次へ", "التالي"),
    "Videos before and after": ("Videos davor und danach", "Vidéos précédente et suivante", "Vídeos anterior y siguiente", "Vídeos anterior e seguinte", "Video precedente e successivo", "Vorige en volgende video", "पिछला और अगला वीडियो", "前後の動画", "الفيديو السابق والتالي"),
    "Table": ("Tabelle", "Tableau", "Tabla", "Tabela", "Tabella", "Tabel", "सारणी", "表", "جدول"),
    "Play {}": ("{} abspielen", "Lire {}", "Reproducir {}", "Reproduzir {}", "Riproduci {}", "{} afspelen", "{} चलाएँ", "{}を再生", "شغّل {}"),
    "Loads the video from YouTube": ("Lädt das Video von YouTube", "Charge la vidéo depuis YouTube", "Carga el vídeo de YouTube", "Carrega o vídeo do YouTube", "Carica il video da YouTube", "Laadt de video van YouTube", "वीडियो YouTube से लोड होता है", "YouTubeから動画を読み込みます", "يحمّل الفيديو من YouTube"),
    "This browser cannot play the file.": ("Dieser Browser kann die Datei nicht abspielen.", "Ce navigateur ne peut pas lire le fichier.", "Este navegador no puede reproducir el archivo.", "Este navegador não consegue reproduzir o ficheiro.", "Questo browser non può riprodurre il file.", "Deze browser kan het bestand niet afspelen.", "यह ब्राउज़र फ़ाइल नहीं चला सकता।", "このブラウザーではファイルを再生できません。", "لا يستطيع هذا المتصفح تشغيل الملف."),
    "Scroll along": ("Mitlaufen", "Suivre la lecture", "Seguir la lectura", "Acompanhar", "Segui la lettura", "Meelopen", "साथ-साथ स्क्रॉल करें", "再生に合わせて動く", "تتبّع التشغيل"),
    "Search": ("Suche", "Rechercher", "Buscar", "Pesquisar", "Cerca", "Zoeken", "खोजें", "検索", "بحث"),
    "Search all notes": ("Alle Notizen durchsuchen", "Rechercher dans toutes les notes", "Buscar en todas las notas", "Pesquisar em todas as notas", "Cerca in tutte le note", "Alle notities doorzoeken", "सभी नोट्स में खोजें", "すべてのノートを検索", "ابحث في كل الملاحظات"),
    "Type a word or more.": ("Ein Wort oder mehr eingeben.", "Tapez un mot ou plus.", "Escriba una palabra o más.", "Escreva uma palavra ou mais.", "Scrivi una o più parole.", "Typ een woord of meer.", "एक या अधिक शब्द लिखें।", "語を入力してください。", "اكتب كلمة أو أكثر."),
    "Loading…": ("Lädt …", "Chargement…", "Cargando…", "A carregar…", "Caricamento…", "Laden…", "लोड हो रहा है…", "読み込み中…", "جارٍ التحميل…"),
    "Nothing found.": ("Nichts gefunden.", "Rien trouvé.", "Nada encontrado.", "Nada encontrado.", "Nessun risultato.", "Niets gevonden.", "कुछ नहीं मिला।", "見つかりません。", "لا نتائج."),
    "Places": ("Stellen", "Passages", "Pasajes", "Passagens", "Passi", "Plaatsen", "स्थान", "該当箇所", "المواضع"),
    "{} more": ("{} weitere", "{} de plus", "{} más", "Mais {}", "Altri {}", "Nog {}", "{} और", "ほか{}件", "{} أخرى"),
    "for {}": ("für {}", "pour {}", "para {}", "para {}", "per {}", "voor {}", "{} के लिए", "{}で検索", "عن {}"),
    "Close": ("Schließen", "Fermer", "Cerrar", "Fechar", "Chiudi", "Sluiten", "बंद करें", "閉じる", "إغلاق"),
    "Copy": ("Kopieren", "Copier", "Copiar", "Copiar", "Copia", "Kopiëren", "कॉपी करें", "コピー", "نسخ"),
    "Copied": ("Kopiert", "Copié", "Copiado", "Copiado", "Copiato", "Gekopieerd", "कॉपी हुआ", "コピーしました", "تم النسخ"),
    "Keys": ("Tasten", "Touches", "Teclas", "Teclas", "Tasti", "Toetsen", "कुंजियाँ", "キー", "المفاتيح"),
    "Play or pause": ("Abspielen oder anhalten", "Lire ou mettre en pause", "Reproducir o pausar", "Reproduzir ou pausar", "Riproduci o metti in pausa", "Afspelen of pauzeren", "चलाएँ या रोकें", "再生・一時停止", "تشغيل أو إيقاف مؤقت"),
    "Five seconds back or on": ("Fünf Sekunden zurück oder vor", "Cinq secondes en arrière ou en avant", "Cinco segundos atrás o adelante", "Cinco segundos para trás ou para a frente", "Cinque secondi indietro o avanti", "Vijf seconden terug of vooruit", "पाँच सेकंड पीछे या आगे", "5秒戻る・進む", "خمس ثوانٍ إلى الوراء أو الأمام"),
    "Next or previous section": ("Nächster oder voriger Abschnitt", "Section suivante ou précédente", "Sección siguiente o anterior", "Secção seguinte ou anterior", "Sezione successiva o precedente", "Volgende of vorige sectie", "अगला या पिछला खंड", "次・前の節", "القسم التالي أو السابق"),
    "These keys": ("Diese Tasten", "Ces touches", "Estas teclas", "Estas teclas", "Questi tasti", "Deze toetsen", "ये कुंजियाँ", "このキー一覧", "هذه المفاتيح"),
    "Letters and signs are keys": ("Buchstaben und Zeichen als Tasten", "Lettres et signes servent de touches", "Letras y signos como teclas", "Letras e sinais como teclas", "Lettere e segni come tasti", "Letters en tekens als toetsen", "अक्षर और चिह्न कुंजियाँ हैं", "文字と記号をキーとして使う", "الحروف والرموز مفاتيح"),
    "to do": ("offen", "à faire", "pendiente", "por fazer", "da fare", "te doen", "बाकी", "未完了", "لم يتم"),
    "done": ("erledigt", "fait", "hecho", "feito", "fatto", "gedaan", "पूरा", "完了", "تم"),
    "Formula": ("Formel", "Formule", "Fórmula", "Fórmula", "Formula", "Formule", "सूत्र", "数式", "صيغة"),
    "at {}": ("bei {}", "à {}", "en {}", "aos {}", "a {}", "op {}", "{} पर", "{}", "عند {}"),
    "at the start": ("am Anfang", "au début", "al comienzo", "no início", "all’inizio", "aan het begin", "आरंभ में", "冒頭", "في البداية"),
    "{} hour": ("{} Stunde", "{} heure", "{} hora", "{} hora", "{} ora", "{} uur", "{} घंटा", "{}時間", "الساعة {}"),
    "{} hours": ("{} Stunden", "{} heures", "{} horas", "{} horas", "{} ore", "{} uur", "{} घंटे", "{}時間", "الساعة {}"),
    "{} minute": ("{} Minute", "{} minute", "{} minuto", "{} minuto", "{} minuto", "{} minuut", "{} मिनट", "{}分", "الدقيقة {}"),
    "{} minutes": ("{} Minuten", "{} minutes", "{} minutos", "{} minutos", "{} minuti", "{} minuten", "{} मिनट", "{}分", "الدقيقة {}"),
    "{} second": ("{} Sekunde", "{} seconde", "{} segundo", "{} segundo", "{} secondo", "{} seconde", "{} सेकंड", "{}秒", "الثانية {}"),
    "{} seconds": ("{} Sekunden", "{} secondes", "{} segundos", "{} segundos", "{} secondi", "{} seconden", "{} सेकंड", "{}秒", "الثانية {}"),
}
_CALLOUTS: dict[str, tuple[str, ...]] = {
    "note": ("Anmerkung", "Note", "Nota", "Nota", "Nota", "Opmerking", "टिप्पणी", "メモ", "ملاحظة"),
    "abstract summary tldr": ("Zusammenfassung", "Résumé", "Resumen", "Resumo", "Riassunto", "Samenvatting", "सारांश", "要約", "ملخص"),
    "info": ("Info", "Info", "Información", "Informação", "Informazioni", "Info", "जानकारी", "情報", "معلومة"),
    "todo": ("Zu tun", "À faire", "Pendiente", "A fazer", "Da fare", "Te doen", "करना है", "やること", "للإنجاز"),
    "tip hint": ("Tipp", "Astuce", "Consejo", "Dica", "Consiglio", "Tip", "सुझाव", "ヒント", "نصيحة"),
    "important": ("Wichtig", "Important", "Importante", "Importante", "Importante", "Belangrijk", "महत्वपूर्ण", "重要", "مهم"),
    "success check done": ("Erfolg", "Réussi", "Logrado", "Sucesso", "Riuscito", "Gelukt", "सफल", "成功", "نجاح"),
    "question help faq": ("Frage", "Question", "Pregunta", "Pergunta", "Domanda", "Vraag", "प्रश्न", "質問", "سؤال"),
    "warning caution attention": ("Achtung", "Attention", "Atención", "Atenção", "Attenzione", "Let op", "चेतावनी", "注意", "تنبيه"),
    "failure fail missing": ("Fehlschlag", "Échec", "Fallo", "Falha", "Fallimento", "Mislukt", "विफलता", "失敗", "إخفاق"),
    "danger": ("Gefahr", "Danger", "Peligro", "Perigo", "Pericolo", "Gevaar", "ख़तरा", "危険", "خطر"),
    "error": ("Fehler", "Erreur", "Error", "Erro", "Errore", "Fout", "त्रुटि", "エラー", "خطأ"),
    "bug": ("Bug", "Bug", "Bug", "Bug", "Bug", "Bug", "बग", "バグ", "علة"),
    "example": ("Beispiel", "Exemple", "Ejemplo", "Exemplo", "Esempio", "Voorbeeld", "उदाहरण", "例", "مثال"),
    "quote cite": ("Zitat", "Citation", "Cita", "Citação", "Citazione", "Citaat", "उद्धरण", "引用", "اقتباس"),
    "details": ("Einzelheiten", "Détails", "Detalles", "Detalhes", "Dettagli", "Details", "विवरण", "詳細", "تفاصيل"),
}
# fmt: on
CALLOUTS = {kind: said for kinds, said in _CALLOUTS.items() for kind in kinds.split()}
"""The words above a callout without a title, by its kind."""


def speaks(language: str) -> bool:
    """Return whether the words are known in a language, by its BCP 47 tag."""
    return language.partition("-")[0].lower() in ("en", *LANGUAGES)


def say(language: str, words: str, *values: object) -> str:
    """Return words in a language, in English if it is not known, with values in their places."""
    code = language.partition("-")[0].lower()
    said = WORDS[words][LANGUAGES.index(code)] if code in LANGUAGES else words
    return said.format(*values) if values else said


def callout_title(language: str, kind: str) -> str:
    """Return the words above a callout without a title: its kind, in English as it is written."""
    code = language.partition("-")[0].lower()
    if code in LANGUAGES and kind in CALLOUTS:
        return CALLOUTS[kind][LANGUAGES.index(code)]
    return kind.replace("-", " ").capitalize() or "Note"


def all_words(language: str) -> dict[str, str]:
    """Return the words by their English ones; none for English and unknown languages."""
    code = language.partition("-")[0].lower()
    return {words: said[LANGUAGES.index(code)] for words, said in WORDS.items()} if code in LANGUAGES else {}
