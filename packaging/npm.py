"""npm: one package a platform with the program, and one with a launcher that names them as optional dependencies.

No install script: npm itself takes the one package whose `os` and `cpu` fit.
"""

import json

import archive
import facts


def platform_package(binary, about, out):
    """Writes the package of one platform and returns its path."""
    name = f"{facts.PACKAGE}-{binary.node_system}-{binary.node_processor}"
    document = {
        "name": name, "version": about.version,
        "description": f"The program of {facts.PACKAGE} for {binary.node_system} {binary.node_processor}.",
        **common(about), "os": [binary.node_system], "cpu": [binary.node_processor],
        **({"libc": ["glibc"]} if binary.system == "linux" and binary.lowest else {}),
        # Yarn runs no program out of a zip.
        "preferUnplugged": True,
    }
    says = f"The program of {facts.PACKAGE} for one platform: install `{facts.PACKAGE}`, which brings it.\n"
    program = archive.program(binary.content)
    return write(out, document, {f"bin/{facts.PROGRAM}{binary.suffix}": program, "README.md": archive.of_text(says)})


def launcher_package(about, out, platforms):
    """Writes the package that people install; `platforms` are those that have one of their own: "linux-x64"."""
    document = {
        "name": facts.PACKAGE, "version": about.version, "mcpName": facts.registry_document()["name"],
        "description": about.description, "keywords": list(about.keywords), **common(about),
        "engines": {"node": ">=18"},
        "bin": {name: "launcher.js" for name in (facts.PROGRAM, *facts.OTHER_NAMES)},
        "optionalDependencies": {f"{facts.PACKAGE}-{platform}": about.version for platform in platforms},
    }
    launcher = archive.program(facts.text("packaging/npm/launcher.js").encode())
    return write(out, document, {"launcher.js": launcher, "README.md": archive.of_text(facts.readme(about))})


def common(about):
    return {"license": about.license, "homepage": about.repository,
            "repository": {"type": "git", "url": f"git+{about.repository}.git"}}


def write(out, document, files):
    files = {"package.json": archive.of_text(json.dumps(document, indent=2) + "\n"),
             "LICENSE": archive.of_text(facts.text("LICENSE")), **files}
    return archive.write_tar_gz(out / f"{document['name']}-{document['version']}.tgz",
                                {f"package/{name}": file for name, file in files.items()})
