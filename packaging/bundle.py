"""What people download from a release: an archive (also for `cargo binstall`), and the bundle for desktop clients."""

import json

import archive
import facts


def release_archive(binary, about, out):
    """Writes the program under its two names; [package.metadata.binstall] of Cargo.toml says the same places."""
    base = f"{facts.PROGRAM}-{about.version}-{binary.target}"
    program = archive.program(binary.content)
    first, short = (f"{base}/{name}{binary.suffix}" for name in (facts.PROGRAM, facts.OTHER_NAMES[0]))
    files = {f"{base}/{name}": archive.of_text(facts.text(name)) for name in ("LICENSE", "README.md")}
    if binary.system == "windows":
        return archive.write_zip(out / f"{base}.zip", {**files, first: program, short: program})
    files |= {first: program, short: archive.File(b"", 0o755, same_as=first)}
    return archive.write_tar_gz(out / f"{base}.tar.gz", files)


def mcpb(binary, about, out):
    """Writes the bundle: its manifest says for which system it is, and has no word for the processor."""
    manifest = json.loads(facts.text("packaging/mcpb/manifest.json"))
    server = manifest["server"]
    server["entry_point"] += binary.suffix
    server["mcp_config"]["command"] += binary.suffix
    manifest |= {"version": about.version, "description": about.description, "license": about.license,
                 "keywords": list(about.keywords), "repository": {"type": "git", "url": about.repository},
                 "compatibility": {"platforms": [binary.node_system]}}
    files = {"manifest.json": archive.of_text(json.dumps(manifest, indent=2) + "\n"),
             server["entry_point"]: archive.program(binary.content),
             "LICENSE": archive.of_text(facts.text("LICENSE"))}
    return archive.write_zip(out / f"{facts.PROGRAM}-{about.version}-{binary.target}.mcpb", files)
