"""What a reader of the workflow sees: a report of `run --json` as Markdown, or as the step's outputs.

Texts of a report come from outside (titles, answers of production): none of them is markup here.
"""

import json
import re
import sys

MOST_ROWS = 50


def plain(text):
    """One line without markup, mentions and links."""
    line = " ".join(str(text).split())[:500]
    return re.sub(r"[\\`*_{}\[\]()<>#+!|~@&:-]", lambda found: f"&#{ord(found[0])};", line)


def markdown(report, code):
    lines = []
    if "error" in report or "status" not in report:
        error = report.get("error", {"message": "the program printed no report"})
        lines += [f"### ❌ No task was run: exit code {code}", "", plain(error.get("message", ""))]
        return lines + ([f"<br>{plain(error['hint'])}"] if error.get("hint") else [])
    proofs = report["proofs"]
    lines += [f"### {'✅' if code == 0 else '❌'} {plain(report['headline'] or report['status'])}", "",
              f"**{plain(report['title'])}** · `{report['task_id']}` · attempt {report['attempt']} · exit code {code}",
              "",
              f"Proofs: {proofs['passing']} passing of {proofs['required']} required, {proofs['failing']} failing, "
              f"{proofs['unverified']} unverified.", ""]
    if report["failing"]:
        lines += ["| check | what | result | why |", "|---|---|---|---|"]
        lines += [f"| {plain(one['check'])} | {plain(one['endpoint'])} | {plain(one['result'])} | "
                  f"{plain(one.get('error_message', ''))} |" for one in report["failing"][:MOST_ROWS]]
        lines.append("")
    issues = (report.get("drift") or {}).get("issues", [])
    lines += [f"- drift: {plain(issue)}" for issue in issues[:MOST_ROWS]]
    lines += [f"- note: {plain(warning)}" for warning in report["warnings"][:MOST_ROWS]]
    if report["next_step"] and code != 0:
        lines += ["", f"Next: {plain(report['next_step'])}"]
    return lines + ["", f"Ledger: {report['ledger']['entries']} entries, head `{plain(report['ledger']['head'])}`"]


def outputs(report, code, path):
    fields = {"status": report.get("status", ""), "task-id": report.get("task_id", ""), "exit-code": code, "report": path}
    # An output ends with its line.
    return [f"{name}={' '.join(str(value).split())}" for name, value in fields.items()]


def main(arguments):
    as_outputs = arguments[0] == "--outputs"
    path, code = arguments[-2:]
    try:
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
    except ValueError:
        report = {}
    lines = outputs(report, int(code), path) if as_outputs else markdown(report, int(code))
    sys.stdout.reconfigure(encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main(sys.argv[1:])
