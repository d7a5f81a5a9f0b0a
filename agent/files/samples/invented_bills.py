"""The words and figures of the sample bills. No utility, customer or meter of these exists."""

from dataclasses import dataclass

from agent.files.samples.drawing import Colour


@dataclass(frozen=True, slots=True)
class Reading:
    """One row of the meter table, as printed."""

    meter: str
    service: str
    previous: str
    current: str
    usage: str
    units: str


@dataclass(frozen=True, slots=True)
class Charge:
    """One row of the charges table, as printed."""

    what: str
    how: str
    amount: str


@dataclass(frozen=True, slots=True)
class Bill:
    """One invented bill, as printed."""

    utility: str
    town: str
    colour: Colour
    account: str
    number: str
    bill_date: str
    due_date: str
    period: str
    days: str
    readings: tuple[Reading, ...]
    charges: tuple[Charge, ...]
    total: str
    history: tuple[int, ...]
    """Usage of the last thirteen months, for the chart; shown without figures."""
    months: str = "JFMAMJJASONDJ"
    notes: tuple[str, ...] = (
        "Your meters are read on the last working day of the period.",
        "Something out of order? Call 503-555-0142 at any hour.",
        "Late payments may bear interest. Write to us before the due date if you cannot pay.",
    )
    service: str = "Harbor Mill Foods - Plant 7"
    address: str = "410 Cannery Row, Astoria, OR 97103"


TIDEWATER = Bill(
    utility="Tidewater Light & Power",
    town="PO Box 1170, Astoria, OR 97103",
    colour=(0.09, 0.31, 0.53),
    account="4410-7752-03",
    number="TLP-2601-88417",
    bill_date="February 3, 2026",
    due_date="February 24, 2026",
    period="January 1, 2026 to January 31, 2026",
    days="31",
    readings=(
        Reading("E-448710", "Mill hall", "42,093", "48,213", "6,120", "kWh"),
        Reading("E-448711", "Cold store", "18,940", "22,655", "3,715", "kWh"),
    ),
    charges=(
        Charge("Customer charge", "2 meters at $18.00", "36.00"),
        Charge("Energy", "9,835 kWh at $0.0984", "967.76"),
        Charge("Demand", "31.4 kW at $9.25", "290.45"),
        Charge("Low-income assistance", "", "4.50"),
        Charge("City tax", "4%", "51.95"),
    ),
    total="1,350.66",
    history=(88, 84, 80, 71, 62, 58, 61, 66, 64, 70, 79, 90, 98),
)

TIDEWATER_DECEMBER = Bill(
    utility="Tidewater Light & Power",
    town="PO Box 1170, Astoria, OR 97103",
    colour=(0.09, 0.31, 0.53),
    account="4410-7752-03",
    number="TLP-2512-86120",
    bill_date="January 5, 2026",
    due_date="January 26, 2026",
    period="December 1, 2025 to December 31, 2025",
    days="31",
    readings=(
        Reading("E-448710", "Mill hall", "36,411", "42,093", "5,682", "kWh"),
        Reading("E-448711", "Cold store", "15,622", "18,940", "3,318", "kWh"),
    ),
    charges=(
        Charge("Customer charge", "2 meters at $18.00", "36.00"),
        Charge("Energy", "9,000 kWh at $0.0984", "885.60"),
        Charge("Demand", "29.8 kW at $9.25", "275.65"),
        Charge("Low-income assistance", "", "4.50"),
        Charge("City tax", "4%", "48.07"),
    ),
    total="1,249.82",
    history=(91, 88, 84, 80, 71, 62, 58, 61, 66, 64, 70, 79, 90),
    months="DJFMAMJJASOND",
)

JUNIPER = Bill(
    utility="Juniper Ridge Electric & Gas",
    town="22 Commerce Way, Warrenton, OR 97146",
    colour=(0.16, 0.42, 0.33),
    account="0071-33904-6",
    number="JR-10462291",
    bill_date="February 6, 2026",
    due_date="February 27, 2026",
    period="January 6, 2026 to February 4, 2026",
    days="30",
    readings=(
        Reading("JE-20177", "Electricity", "61,420", "63,268", "1,848", "kWh"),
        Reading("JG-88310", "Natural gas", "8,112", "8,324", "212", "therms"),
    ),
    charges=(
        Charge("Electric basic charge", "", "14.00"),
        Charge("Electric energy", "1,848 kWh at $0.1127", "208.27"),
        Charge("Gas basic charge", "", "11.50"),
        Charge("Gas delivery", "212 therms at $0.4830", "102.40"),
        Charge("Gas supply", "212 therms at $0.7830", "166.00"),
        Charge("State and city taxes", "", "25.62"),
    ),
    total="527.79",
    history=(96, 90, 74, 60, 44, 38, 36, 37, 41, 58, 77, 92, 97),
)

GULL_POINT = Bill(
    utility="Gull Point Water District",
    town="1 Reservoir Lane, Astoria, OR 97103",
    colour=(0.05, 0.45, 0.58),
    account="70-214-0093",
    number="W-2026-01-5531",
    bill_date="February 2, 2026",
    due_date="February 23, 2026",
    period="January 1, 2026 to January 31, 2026",
    days="31",
    readings=(Reading("WM-70214", "Commercial water", "1,204,300", "1,318,800", "114,500", "gal"),),
    charges=(
        Charge("Base charge, 2 inch meter", "", "42.50"),
        Charge("Water", "114.5 thousand gallons at $4.18", "478.61"),
        Charge("Sewer", "114.5 thousand gallons at $5.02", "574.79"),
        Charge("Storm drainage", "", "18.00"),
    ),
    total="1,113.90",
    history=(70, 66, 69, 72, 75, 80, 86, 89, 83, 76, 72, 71, 73),
)

WAREHOUSE_GAS = Bill(
    utility="Juniper Ridge Electric & Gas",
    town="22 Commerce Way, Warrenton, OR 97146",
    colour=(0.16, 0.42, 0.33),
    account="0071-33911-1",
    number="JR-10460877",
    bill_date="February 6, 2026",
    due_date="February 27, 2026",
    period="January 6, 2026 to February 4, 2026",
    days="30",
    readings=(Reading("JG-90452", "Natural gas", "3,377", "3,486", "109", "therms"),),
    charges=(
        Charge("Gas basic charge", "", "11.50"),
        Charge("Gas delivery", "109 therms at $0.4830", "52.65"),
        Charge("Gas supply", "109 therms at $0.7830", "85.35"),
        Charge("State and city taxes", "", "7.62"),
    ),
    total="157.12",
    history=(99, 93, 70, 52, 30, 22, 18, 19, 25, 49, 73, 95, 98),
    service="Harbor Mill Foods - Boiler house",
)

MENU_TITLE = "The Cormorant"
MENU = (
    ("To begin", (
        ("Smoked salmon, rye, pickled onion", "14"),
        ("Clam chowder with thyme", "11"),
        ("Beet salad, hazelnuts, blue cheese", "12"),
    )),
    ("Mains", (
        ("Pan-fried halibut, leeks, new potatoes", "29"),
        ("Mushroom risotto, aged parmesan", "22"),
        ("Short rib, red wine, celeriac", "31"),
    )),
    ("To finish", (
        ("Marionberry pie, vanilla ice cream", "10"),
        ("Chocolate tart, sea salt", "10"),
    )),
)  # fmt: skip
