; The setup program for Windows: for one user, without an administrator. Built by build.ps1.
;
; At install time (see README.md):
;   /CONFIG="C:\rollout\config.toml"   the settings, where this user has none yet
;   /KEYFILE="C:\rollout\key.txt"      the API key, alone in one line; or the variable
;                                      NECTAR_API_KEY of the setup program's environment
; At uninstall time:
;   /PURGE                             also key, store, logs and folder marks

#ifndef Version
  #error Give the version, as build.ps1 does: ISCC /DVersion=1.2.3
#endif
#ifndef Frozen
  #error Give the folder of the built program, as build.ps1 does: ISCC /DFrozen=folder
#endif

[Setup]
; Never another one: by it an upgrade finds what is installed.
AppId={{7C0E5B52-6C0B-4B5B-9C55-0C6E1B0A4D9E}
AppName=Nectar bill agent
AppVersion={#Version}
AppVerName=Nectar bill agent {#Version}
AppPublisher=nectar-bill-agent
VersionInfoVersion={#Version}
PrivilegesRequired=lowest
DefaultDirName={localappdata}\Programs\nectar-bill-agent
DisableProgramGroupPage=yes
DisableDirPage=auto
OutputBaseFilename=nectar-bill-agent-{#Version}-setup
SourceDir=..\..
Compression=lzma2
SolidCompression=yes
MinVersion=10.0
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
; The tray icon is closed if it holds files; the service is stopped below, before that.
CloseApplications=force
RestartApplications=no
SetupLogging=yes
ChangesEnvironment=yes
UninstallDisplayIcon={app}\bill-agentw.exe
UninstallDisplayName=Nectar bill agent

[Tasks]
Name: tray; Description: "Show an icon in the notification area"
Name: path; Description: "Let terminals find the command bill-agent"

[InstallDelete]
; Libraries of the version before.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Frozen}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs
Source: "config.example.toml"; DestDir: "{app}"; Flags: ignoreversion
Source: "installer\windows\README.md"; DestDir: "{app}"; Flags: ignoreversion

[Icons]
Name: "{userprograms}\Nectar bill agent"; Filename: "{app}\bill-agentw.exe"; Parameters: "tray"

[Registry]
; Under this name Windows shows the notifications; the tray icon writes it.
Root: HKCU; Subkey: "Software\Classes\AppUserModelId\Nectar bills"; Flags: dontcreatekey uninsdeletekey

[UninstallDelete]
Type: filesandordirs; Name: "{app}\_internal"
Type: dirifempty; Name: "{app}"

[Code]
const
  UserEnvironment = 'Environment';

var
  Outcome: Integer;

function Agent(): String;
begin
  Result := ExpandConstant('{app}\bill-agent.exe');
end;

{ Runs a command of the agent without a window; what it answers goes to the log of the setup. }
function RunAgent(Arguments: String): Integer;
var
  Code: Integer;
begin
  if not Exec(Agent(), Arguments, '', SW_HIDE, ewWaitUntilTerminated, Code) then
    Code := -1;
  Result := Code;
  Log(Format('bill-agent %s: exit code %d', [Arguments, Result]));
end;

function HasParameter(Name: String): Boolean;
var
  I: Integer;
begin
  Result := False;
  for I := 1 to ParamCount do
    if CompareText(ParamStr(I), Name) = 0 then
      Result := True;
end;

{ An upgrade: nothing of the old version may run while its files go. }
function PrepareToInstall(var NeedsRestart: Boolean): String;
begin
  if FileExists(Agent()) then
    RunAgent('service stop');
  Result := '';
end;

procedure PlaceSettings();
var
  Given, Folder: String;
begin
  Given := ExpandConstant('{param:CONFIG|}');
  if Given = '' then
    Exit;
  Folder := ExpandConstant('{localappdata}\nectar-bill-agent');
  if FileExists(Folder + '\config.toml') then
    Log('This user has settings already; they stay.')
  else if not (ForceDirectories(Folder) and CopyFile(Given, Folder + '\config.toml', True)) then
  begin
    Log('The settings could not be copied from ' + Given);
    Outcome := 10;
  end;
end;

{ The key goes through a file into the agent's standard input: an argument could be seen by others.
  Only the agent reads it, and what was written here is deleted. }
procedure PlaceKey();
var
  Given, Temporary: String;
  Code: Integer;
begin
  Given := ExpandConstant('{param:KEYFILE|}');
  Temporary := '';
  if (Given = '') and (GetEnv('NECTAR_API_KEY') <> '') then
  begin
    Temporary := ExpandConstant('{tmp}\key');
    SaveStringToFile(Temporary, GetEnv('NECTAR_API_KEY'), False);
    Given := Temporary;
  end;
  if Given = '' then
    Exit;
  if not Exec(ExpandConstant('{cmd}'), '/D /C ""' + Agent() + '" key set --no-check < "' + Given + '""',
              '', SW_HIDE, ewWaitUntilTerminated, Code) then
    Code := -1;
  if Temporary <> '' then
    DeleteFile(Temporary);
  Log(Format('bill-agent key set: exit code %d', [Code]));
  if Code <> 0 then
    Outcome := 11;
end;

procedure InstallService();
var
  Arguments: String;
begin
  Arguments := 'service install';
  if not WizardIsTaskSelected('tray') then
    Arguments := Arguments + ' --no-tray';
  if RunAgent(Arguments) <> 0 then
    Outcome := 12;
end;

procedure AddToPath();
var
  Path: String;
begin
  if not RegQueryStringValue(HKEY_CURRENT_USER, UserEnvironment, 'Path', Path) then
    Path := '';
  if Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Path) + ';') > 0 then
    Exit;
  if (Path <> '') and (Copy(Path, Length(Path), 1) <> ';') then
    Path := Path + ';';
  RegWriteExpandStringValue(HKEY_CURRENT_USER, UserEnvironment, 'Path', Path + ExpandConstant('{app}'));
end;

procedure RemoveFromPath();
var
  Path: String;
  At: Integer;
begin
  if not RegQueryStringValue(HKEY_CURRENT_USER, UserEnvironment, 'Path', Path) then
    Exit;
  At := Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Path) + ';');
  if At = 0 then
    Exit;
  if At > 1 then
    At := At - 1;
  Delete(Path, At, Length(ExpandConstant('{app}')) + 1);
  if Path = '' then
    RegDeleteValue(HKEY_CURRENT_USER, UserEnvironment, 'Path')
  else
    RegWriteExpandStringValue(HKEY_CURRENT_USER, UserEnvironment, 'Path', Path);
end;

procedure CurStepChanged(CurStep: TSetupStep);
begin
  if CurStep <> ssPostInstall then
    Exit;
  PlaceSettings();
  PlaceKey();
  if WizardIsTaskSelected('path') then
    AddToPath();
  InstallService();
end;

{ 10: the settings could not be copied; 11: the key could not be stored; 12: the service could not
  be installed. The program itself is installed all the same. }
function GetCustomSetupExitCode(): Integer;
begin
  Result := Outcome;
end;

procedure CurUninstallStepChanged(CurUninstallStep: TUninstallStep);
begin
  if CurUninstallStep <> usUninstall then
    Exit;
  if HasParameter('/PURGE') then
    RunAgent('service uninstall --purge --yes')
  else
    RunAgent('service uninstall');
  RemoveFromPath();
end;
