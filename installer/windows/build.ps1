# Builds dist\nectar-bill-agent-VERSION-setup.exe from this source, on Windows.
#
#     powershell -ExecutionPolicy Bypass -File installer\windows\build.ps1
#
# Needs 64-bit Python 3.11 or newer (-Python names another one than `python`), Inno Setup 6.4
# (-InnoSetup names its ISCC.exe), and a package index for the libraries, which must have the hashes
# in installer\requirements\windows.txt. See README.md beside this file.
param(
    [string]$Python = "python",
    [string]$InnoSetup = "${env:ProgramFiles(x86)}\Inno Setup 6\ISCC.exe"
)
$ErrorActionPreference = "Stop"
Set-StrictMode -Version 3
Set-Location (Join-Path $PSScriptRoot "..\..")

function Invoke-Step([string]$Name, [string]$Program, [string[]]$Arguments) {
    Write-Host "== $Name"
    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) { throw "$Name failed with exit code $LASTEXITCODE." }
}

if (-not (Test-Path $InnoSetup)) {
    throw "Inno Setup 6 is not at $InnoSetup. Install it, or name its ISCC.exe with -InnoSetup."
}

$env:PYTHONHASHSEED = "0"
$env:PIP_DISABLE_PIP_VERSION_CHECK = "1"
$work = "build\windows"
if (Test-Path $work) { Remove-Item -Recurse -Force $work }
New-Item -ItemType Directory -Force -Path $work, "dist" | Out-Null
$venv = "$work\venv\Scripts\python.exe"

Invoke-Step "an environment of its own" $Python @("-m", "venv", "$work\venv")
Invoke-Step "the libraries, by their hashes" $venv @(
    "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes",
    "--requirement", "installer\requirements\windows.txt")
Invoke-Step "are they complete" $venv @("-m", "pip", "check")
Invoke-Step "the wheel" $venv @(
    "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
    "--wheel-dir", "$work\wheel", ".")
Invoke-Step "the wheel, installed" $venv @(
    "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
    "--find-links", "$work\wheel", "nectar-bill-agent")

# -P: the agent comes from the wheel and not from the sources.
Invoke-Step "the program" $venv @(
    "-P", "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
    "--distpath", "$work\frozen", "--workpath", "$work\pyinstaller", "installer\bill-agent.spec")
$version = & $venv -I -c "import agent; print(agent.__version__)"
$frozen = Resolve-Path "$work\frozen\bill-agent"
Invoke-Step "does it start" "$frozen\bill-agent.exe" @("--version")
Invoke-Step "does it work" "$frozen\bill-agent.exe" @("demo", "--folder", "$work\demo")

Invoke-Step "the setup program" $InnoSetup @(
    "/Qp", "/DVersion=$version", "/DFrozen=$frozen", "/Odist",
    "installer\windows\nectar-bill-agent.iss")
Write-Host "dist\nectar-bill-agent-$version-setup.exe"
