"""The wheel: the program among its scripts, and its other names as entry points. And an sdist for everybody else."""

import base64
import hashlib

import archive
import facts

MODULE = facts.PACKAGE.replace("-", "_")


def wheel(binary, about, out):
    """Writes the wheel of a program and returns its path."""
    base = f"{MODULE}-{about.version}"
    info = f"{base}.dist-info"
    tags = [f"py3-none-{tag}" for tag in binary.wheel_tags]
    commands = "".join(f"{name} = {MODULE}:main\n" for name in facts.OTHER_NAMES)
    files = {
        f"{MODULE}.py": archive.of_text(facts.text(f"packaging/pypi/{MODULE}.py")),
        f"{base}.data/scripts/{facts.PROGRAM}{binary.suffix}": archive.program(binary.content),
        f"{info}/METADATA": archive.of_text(metadata(about)),
        f"{info}/WHEEL": archive.of_text("Wheel-Version: 1.0\nGenerator: packaging/wheel.py\nRoot-Is-Purelib: false\n"
                                         + "".join(f"Tag: {tag}\n" for tag in tags)),
        f"{info}/entry_points.txt": archive.of_text(f"[console_scripts]\n{commands}"),
        f"{info}/licenses/LICENSE": archive.of_text(facts.text("LICENSE")),
    }
    record = "".join(f"{name},sha256={digest(file.content)},{len(file.content)}\n" for name, file in files.items())
    files[f"{info}/RECORD"] = archive.of_text(f"{record}{info}/RECORD,,\n")
    return archive.write_zip(out / f"{base}-py3-none-{'.'.join(binary.wheel_tags)}.whl", files)


def sdist(about, out, platforms):
    """Writes what pip takes where no wheel fits: it builds nothing and says which platforms there are."""
    base = f"{MODULE}-{about.version}"
    why = (f"{facts.PACKAGE} {about.version} has no wheel for this platform; there are: {', '.join(platforms)}. "
           f"With Rust: cargo install --locked --git {about.repository} --tag v{about.version}")
    backend = ("import sys\n\n\ndef build_wheel(*_, **__):\n"
               f"    sys.exit({why!r})\n\n\nbuild_sdist = get_requires_for_build_wheel = build_wheel\n")
    project = f'[build-system]\nrequires = []\nbuild-backend = "no_wheel"\nbackend-path = ["."]\n\n[project]\n' \
              f'name = "{facts.PACKAGE}"\nversion = "{about.version}"\n'
    files = {
        f"{base}/PKG-INFO": archive.of_text(metadata(about)),
        f"{base}/pyproject.toml": archive.of_text(project),
        f"{base}/no_wheel.py": archive.of_text(backend),
        f"{base}/LICENSE": archive.of_text(facts.text("LICENSE")),
    }
    return archive.write_tar_gz(out / f"{base}.tar.gz", files)


def metadata(about):
    """Core metadata 2.4."""
    lines = ["Metadata-Version: 2.4", f"Name: {facts.PACKAGE}", f"Version: {about.version}",
             f"Summary: {about.description}", f"Keywords: {','.join(about.keywords)}",
             f"License-Expression: {about.license}", "License-File: LICENSE",
             f"Project-URL: Repository, {about.repository}", f"Requires-Python: {about.python}",
             "Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM"]
    return "\n".join(lines) + "\n\n" + facts.readme(about)


def digest(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
