"""The training texts: pairs of texts that belong together, and single texts.

Everything is read from the corpora and training examples of the evaluation
data (never a query), from WordNet, manuals and support articles, and the
strings of a shop system; README.md names licences and packages. Every pair carries a group:
two pairs of one group are never each other's negatives.
"""

import html
import json
import pathlib
import random
import re

import yaml

import data

# Corpora by licence: all of these may be used for training.
CORPORA = ["wixqa", "techqa", "stackfaq", "covidfaq", "mtragun", "dstc9", "dstc11-all", "tau2banking"]
PARALLEL = 16000  # paragraphs of LibreOffice's help in each other language
# Corpora of very many near-equal texts take part with this many documents.
MOST = {"dstc9": 3000, "dstc11-all": 4000}
INTENTS = {"scope-clinc150-train": "intent", "macro-banking77-train": "macro",
           "macro-hint3-curekart-train": "macro", "macro-hint3-sofmattress-train": "macro",
           "macro-hint3-powerplay11-train": "macro"}
TAG = re.compile(r"<[^>]+>")
SPACE = re.compile(r"\s+")


def plain(markup: str) -> str:
    return SPACE.sub(" ", html.unescape(TAG.sub(" ", markup))).strip()


def documents(folder: pathlib.Path, packages: pathlib.Path, seed=1):
    """(group, title, text) of every document."""
    draw = random.Random(seed)
    for name in CORPORA:
        rows = data.corpus(folder, name)
        if name in MOST:
            rows = draw.sample(rows, MOST[name])
        for row in rows:
            title = row["title"]
            if row.get("kind") == "review":
                title = row["entity"]
            yield name + "/" + title.strip().lower(), title.strip(), row["text"]
    for row in data.rows(folder / "corpora" / "kb-abcd-agent-guidelines.jsonl"):
        yield "abcd/" + row["title"], row["title"], row["text"]
    for product in json.loads((folder / "retail-world" / "products.json").read_text()).values():
        yield "retail/" + product["name"], product["name"], " ".join(
            " ".join(str(v) for v in item["options"].values()) for item in product["variants"].values())
    for page, (title, text) in sorted(gnome(packages, "C").items()):
        yield "gnome/" + page, title, text
    for page in sorted(packages.glob("libreoffice/usr/share/libreoffice/help/en-US/text/**/*.html")):
        markup = page.read_text(encoding="utf-8")
        title = re.search(r"<title>(.*?)</title>", markup, re.S)
        body = re.findall(r'<(?:p|h\d)[^>]*class="(?:paragraph|listitem|tablecontent)"[^>]*>(.*?)</(?:p|h\d)>', markup, re.S)
        text = "\n".join(t for t in map(plain, body) if len(t.split()) > 3)
        if title and len(text.split()) > 15:
            yield "libreoffice/" + plain(title[1]), plain(title[1]), text


def gnome(packages: pathlib.Path, language: str) -> dict[str, tuple[str, str]]:
    """Title and text of the pages of the GNOME manual, by file name; the text begins with the description."""
    pages = {}
    for page in sorted(packages.glob(f"gnome-user/usr/share/help/{language}/**/*.page")):
        markup = page.read_text(encoding="utf-8")
        title = re.search(r"</info>.*?<title>(.*?)</title>(.*)", markup, re.S)
        if title:
            about = re.search(r"<desc>(.*?)</desc>", markup, re.S)
            body = re.sub(r"</(p|item|title)>", "\n", title[2])
            lines = [plain(about[1])] if about else []
            lines += [plain(line) for line in body.split("\n\n")]
            pages[page.name] = plain(title[1]), "\n".join(line for line in lines if line)
    return pages


def troubleshooting(packages: pathlib.Path):
    """(group, title, text) of Microsoft's support articles; the text begins with the description."""
    for page in sorted(packages.glob("officedocs/**/*.md")):
        head, _, body = page.read_text(encoding="utf-8", errors="replace").lstrip("\ufeff- \r\n").partition("\n---")
        title = re.search(r"^title: *[\"']?(.*?)[\"']?\s*$", head, re.M)
        about = re.search(r"^description: *[\"']?(.*?)[\"']?\s*$", head, re.M)
        if title and about:
            body = re.sub(r"^.*\[!INCLUDE.*$", "", body, flags=re.M)
            text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)|^[#>|*-]+ *|\[!\w+\]|<[^>]*>|\*\*", r"\1", body, flags=re.M)
            yield "office/" + title[1].lower(), title[1], about[1] + "\n" + text


def wordnet(packages: pathlib.Path, rare=4):
    """(words, gloss) of every synset with at most rare words in its name, examples left out."""
    for part in ("noun", "verb", "adj", "adv"):
        file = packages / "wn" / "usr" / "share" / "wordnet" / f"data.{part}"
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith(" ") or "|" not in line:
                continue
            head, gloss = line.split("|", 1)
            fields = head.split()
            words = [fields[4 + 2 * i].split("(")[0].replace("_", " ") for i in range(int(fields[3], 16))]
            gloss = gloss.split('; "')[0].strip()
            capital = all(w[:1].isupper() for w in words)
            if not capital and len(gloss.split()) >= 3 and all(len(w.split()) <= 3 for w in words):
                yield ", ".join(words[:rare]), gloss


def within(draw: random.Random, group: str, title: str, text: str):
    """The pairs of one document: title and pieces, sentences and what stands around them."""
    found = []
    words = text.split()
    starts = range(0, max(1, min(len(words), 800)), 120)
    for i in starts:
        piece = " ".join(words[i:i + 120])
        if len(piece.split()) >= 4:
            found.append(("title", group, title, piece))
    parts = data.sentences(text[:6000])
    if len(words) > 60 and len(parts) > 3:
        for sentence in draw.sample(parts, min(4, len(parts))):
            at = text.index(sentence)
            rest = text[max(0, at - 400):at] + " " + text[at + len(sentence):at + len(sentence) + 400]
            # Mostly the sentence is cut out of its surroundings, so that it
            # is matched by meaning; sometimes it stays.
            if draw.random() < 0.2:
                rest = rest + " " + sentence
            found.append(("sentence", group, sentence, title + " " + rest))
    return found


def pairs(folder: pathlib.Path, packages: pathlib.Path, seed=1):
    """(kind, group, a, b): title and text, sentence and its surroundings, phrases of one intent, word and gloss."""
    draw = random.Random(seed)
    out = []
    for group, title, text in documents(folder, packages, seed):
        out += within(draw, group, title, text)
    for name, field in INTENTS.items():
        by = {}
        for row in data.rows(folder / "examples" / f"{name}.jsonl"):
            intent = row.get(field) or row.get("intent") or row.get("macro")
            if intent and intent not in ("oos", "NO_NODES_DETECTED"):
                by.setdefault(intent, []).append(row["text"])
        for intent, texts in by.items():
            for text in texts:
                other = draw.choice(texts)
                if other != text:
                    out.append(("intent", name + intent, text, other))
            label = re.sub(r"[_\W]+", " ", intent).lower()
            for text in draw.sample(texts, min(5, len(texts))):
                out.append(("intent", name + intent, label, text))
    synsets = list(wordnet(packages))
    for words, gloss in draw.sample(synsets, 24000):
        out.append(("wordnet", words, words, gloss))
    own = pathlib.Path(__file__).with_name("shop.txt")
    for n, line in enumerate(own.read_text(encoding="utf-8").splitlines() if own.exists() else []):
        phrases = [p.strip() for p in line.split("|") if p.strip()]
        for a in phrases:
            out.append(("shop", f"shop/{n}", a, draw.choice([p for p in phrases if p != a])))
    for group, title, text in troubleshooting(packages):
        out += within(draw, group, title, text)
    out += foreign(packages, draw)
    out += names(folder, draw)
    return out


def foreign(packages: pathlib.Path, draw: random.Random):
    """The same in English and other languages: manuals page by page, a shop's and a manual's sentences, the glossary."""
    out = []
    english = gnome(packages, "C")
    for language in ("de", "es", "fr", "it", "nl"):
        for page, (title, text) in sorted(gnome(packages, language).items()):
            if title == english.get(page, ("",))[0]:
                continue  # not translated
            group, words = "gnome/" + page, text.split()
            for i in range(0, min(len(words), 400), 120):
                out.append(("foreign", group, title, " ".join(words[i:i + 120])))
            if page in english:
                out.append(("foreign", group, title, english[page][0]))
                out.append(("foreign", group, text.split("\n")[0], english[page][1].split("\n")[0]))
    own = sorted(libreoffice(packages / "libreoffice", "en-US").items())
    for language in ("de", "fr", "es"):
        theirs = libreoffice(packages / f"libreoffice-{language}", language)
        both = [(key, text, theirs[key]) for key, text in own if theirs.get(key, text) != text]
        for key, text, other in draw.sample(both, min(PARALLEL, len(both))):
            out.append((f"foreign-{language}", "libreoffice/" + text.lower(), other, text))
        for key, text, other in shop(packages, language):
            out.append((f"foreign-{language}", "sylius/" + text.lower(), other, text))
    lines = pathlib.Path(__file__).with_name("glossary.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        columns = line.split(" | ")
        for column, language in ((1, "de"), (2, "fr"), (3, "es")):
            for _ in range(3):
                out.append((f"glossary-{language}", "glossary/" + columns[0], columns[column], columns[0]))
    return out


def libreoffice(folder: pathlib.Path, language: str) -> dict[str, str]:
    """Paragraphs and headings of LibreOffice's help by page and mark, which all languages share."""
    out = {}
    root = folder / "usr/share/libreoffice/help" / language / "text"
    for page in sorted(root.glob("**/*.html")):
        for mark, markup in re.findall(r'<(?:p|h\d) id="(\w+)"[^>]*>(.*?)</(?:p|h\d)>', page.read_text(encoding="utf-8"), re.S):
            text = plain(markup)
            if 1 <= len(text.split()) <= 60:
                out[f"{page.relative_to(root)}#{mark}"] = text
    return out


def shop(packages: pathlib.Path, language: str):
    """(key, English text, other text) of the strings of Sylius, a shop system."""
    for page in sorted(packages.glob("sylius/**/*.en.y*ml")):
        for other in page.parent.glob(page.name.replace(".en.", f".{language}.")):
            mine, theirs = (dict(flat(yaml.safe_load(p.read_text(encoding="utf-8")))) for p in (page, other))
            for key, text in mine.items():
                if key in theirs and theirs[key] != text:
                    yield key, PLACE.sub(" ", text), PLACE.sub(" ", theirs[key])


PLACE = re.compile(r"%\w+%|\{\{?[^}]*\}\}?")


def flat(tree, path: str = ""):
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from flat(value, f"{path}.{key}")
    elif isinstance(tree, str):
        yield path, tree


# How somebody comes to speak of a place or thing before asking about it.
MENTIONS = ["I am looking for {}.", "{}", "What about {}?", "I recommend {}. It is in the centre.", "Tell me about {}, please.",
            "I would like to book {} for two people.", "at {}", "OK, {} sounds good. Does it have free parking?"]


def names(folder: pathlib.Path, draw: random.Random):
    """Questions about a named place and that place's answer. The kind tells what is asked: pairs of one kind differ by name alone."""
    by = {}
    for name in ("dstc9", "dstc11-faq"):
        for row in data.corpus(folder, name):
            entity = row.get("entity") or ""
            if len(entity) > 2 and entity.lower() in (row["title"] + " " + row["text"]).lower():
                asked = re.sub(re.escape(entity), "it", row["title"], flags=re.I)
                by.setdefault(re.sub(r"\W+", " ", asked.lower()), []).append((entity, asked, row))
    for topic, found in sorted(by.items()):
        if len(found) >= 20:
            for entity, asked, row in draw.sample(found, min(len(found), 250)):
                a = [draw.choice(MENTIONS).format(entity.title()), asked]
                yield "name/" + topic, f"name/{entity.lower()}", " ".join(draw.sample(a, 2)), row["title"] + "\n" + row["text"]
