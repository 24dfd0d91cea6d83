"""Makes generated.jsonl: JUnit files written by Python's xml.etree, with what Python's expat reads from them.

Run it in this folder after a change: python3 generate.py > generated.jsonl (Python 3.9 or newer, nothing else).
"""
import base64
import io
import json
import random
import xml.etree.ElementTree as ET

random.seed(10)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1", "windows-1252", "us-ascii", "koi8-r", "shift_jis", "gbk"]
WORDS = ["a", "b1", "<c>", "&", '"', "'", "]]>", "&amp;", "&#10;", "\n", "\t", "  ", "ä", "é", "€", "日本", "привет", "\U0001f600", "<!--", "--", "x y", "\u2028", "{{x}}", "\\n"]
REASONS = {"failure": "failed", "error": "error", "skipped": "skipped"}


def text():
    # Letters at both ends: trimming is not what is compared here.
    return "a" + "".join(random.choice(WORDS) for _ in range(random.randrange(0, 8))) + "z"


def case():
    element = ET.Element("testcase", {"name": text(), "classname": text(), "time": "%.3f" % (random.random() * 10)})
    for name in random.choice([[], [], ["failure"], ["error"], ["skipped"], ["system-out"], ["system-out", "failure"], ["failure", "error"]]):
        child = ET.SubElement(element, name)
        if random.random() < 0.7:
            child.set("message", text())
        if random.random() < 0.7:
            child.text = text()
    return element


def suite(depth):
    element = ET.Element("testsuite", {"name": text()})
    for _ in range(random.randrange(0, 3)):
        element.append(case())
    while depth < 4 and random.random() < 0.4:
        element.append(suite(depth + 1))
    return element


def document():
    if random.random() < 0.3:
        return suite(0)
    root = ET.Element("testsuites", {"name": text()})
    for _ in range(random.randrange(1, 4)):
        root.append(suite(0) if random.random() < 0.8 else case())
    return root


def write(root, encoding):
    if encoding == "utf-8-sig":
        return b"\xef\xbb\xbf" + ET.tostring(root, encoding="utf-8", xml_declaration=True)
    if encoding in ("utf-16-le", "utf-16-be"):
        # Without a byte order mark: known by its declaration alone.
        declared = '<?xml version="1.0" encoding="UTF-16"?>' + ET.tostring(root, encoding="unicode")
        return declared.encode(encoding)
    out = io.BytesIO()
    ET.ElementTree(root).write(out, encoding=encoding, xml_declaration=True)
    return out.getvalue()


def message(element, state):
    found = []
    for child in element:
        if REASONS.get(child.tag) == state:
            short, long = child.get("message", ""), child.text or ""
            found.append(long if long.startswith(short) else "\n".join(filter(None, [short, long])))
    return "\n".join(filter(None, found))


def read(root):
    """The cases in the order of the document, with the suite around each, as expat reads them."""
    cases = []

    def visit(element, name):
        for child in element:
            if child.tag == "testcase":
                states = [REASONS[one.tag] for one in child if one.tag in REASONS]
                state = next((one for one in ("error", "failed", "skipped") if one in states), "passed")
                one = {"name": child.get("name"), "className": child.get("classname"), "suite": name, "state": state}
                one["seconds"] = float(child.get("time"))
                one["message"] = message(child, state)
                cases.append({key: value for key, value in one.items() if value not in (None, "")})
            elif child.tag == "testsuite":
                visit(child, child.get("name"))

    if root.tag == "testsuite":
        visit(root, root.get("name"))
    else:
        visit(root, root.get("name"))
    return cases


rows = []
for number in range(110):
    encoding = ENCODINGS[number % len(ENCODINGS)]
    root = document()
    content = write(root, encoding)
    # expat knows few encodings, and no UTF-16 without a mark: those are read from the same text in UTF-8.
    plain = content if encoding in ("utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "us-ascii") else ET.tostring(root, encoding="utf-8")
    rows.append({"encoding": encoding, "xml": base64.b64encode(content).decode(), "cases": read(ET.fromstring(plain))})
print("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
