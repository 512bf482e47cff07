import{I as t,v as o}from"./chunk-XS4NYEZU.js";function e({site:r}){return t("h2",{"data-site":r,children:o("tab_golden")})}export{e as GoldenPage};
